//! The runtime's calls, storage and events, generated from `metadata.scale`. Only this crate's conversions use it.
//!
//! The file is written by the runtime's own test, which fails when it is not the current one.

/// The generated interface. Units that travel between chain and clients are `grid-types`' own.
#[allow(clippy::all, missing_docs, unused)]
#[subxt::subxt(
    runtime_metadata_path = "metadata.scale",
    derive_for_all_types = "Clone",
    substitute_type(
        path = "grid_types::units::Capacity",
        with = "::subxt::utils::Static<::grid_types::units::Capacity>"
    ),
    substitute_type(
        path = "grid_types::units::Resources",
        with = "::subxt::utils::Static<::grid_types::units::Resources>"
    ),
    substitute_type(path = "grid_types::units::Report", with = "::subxt::utils::Static<::grid_types::units::Report>"),
    substitute_type(path = "grid_types::units::Prices", with = "::subxt::utils::Static<::grid_types::units::Prices>")
)]
pub mod api {}
