//! From older forms of the database to today's.
//!
//! - 1 (no `meta` table): `functions`, keyed by the bare name, all in the default namespace.
//! - 2: today's.

use super::{FunctionRecord, StoreError, FUNCTIONS};
use redb::{ReadableTable as _, TableDefinition, TableHandle as _, WriteTransaction};

const META: TableDefinition<&str, u64> = TableDefinition::new("meta");
const SCHEMA: &str = "schema";
const CURRENT: u64 = 2;
const FUNCTIONS_1: TableDefinition<&str, &[u8]> = TableDefinition::new("functions");

/// Brings the database to [`CURRENT`]. Within the caller's transaction: a crash leaves the old form.
pub(super) fn run(write: &WriteTransaction) -> Result<(), StoreError> {
    let mut meta = write.open_table(META)?;
    let schema = meta.get(SCHEMA)?.map_or(1, |schema| schema.value());
    if schema > CURRENT {
        let text = format!("it was written by a newer gateway (form {schema}, this one knows {CURRENT}); use that one");
        return Err(StoreError(text));
    }
    if schema < 2 {
        add_namespaces(write)?;
    }
    meta.insert(SCHEMA, CURRENT)?;
    Ok(())
}

fn add_namespaces(write: &WriteTransaction) -> Result<(), StoreError> {
    if !write.list_tables()?.any(|table| table.name() == FUNCTIONS_1.name()) {
        return Ok(());
    }
    {
        let old = write.open_table(FUNCTIONS_1)?;
        let mut new = write.open_table(FUNCTIONS)?;
        for entry in old.iter()? {
            let bytes = entry?.1;
            let record: FunctionRecord = serde_json::from_slice(bytes.value())?;
            let key = record.key();
            new.insert((key.namespace, key.name), bytes.value())?;
        }
    }
    write.delete_table(FUNCTIONS_1)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{digest::Digest, store::Store};

    #[test]
    fn functions_of_the_first_form_are_in_the_default_namespace_with_the_module_of_their_image() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("db");
        let old = Store::open(&path).expect("a new database");
        let write = old.0.begin_write().expect("writable");
        let module = Digest::of(b"module");
        let record =
            format!(r#"{{"deployment":{{"service":"stats","image":"module:sha256:{module}"}},"created_at":7}}"#);
        write.open_table(FUNCTIONS_1).expect("a table").insert("stats", record.as_bytes()).expect("inserted");
        write.commit().expect("committed");
        old.prepare(0).expect("migrated");
        for _ in 0..2 {
            let functions = old.functions().expect("readable");
            let seen: Vec<_> = functions.iter().map(|f| (f.key().namespace, f.key().name, f.created_at)).collect();
            assert_eq!(seen, [("openfaas-fn", "stats", 7)]);
            assert_eq!(functions[0].module(), Some(module));
            assert!(functions[0].scale.is_none());
            old.prepare(0).expect("already there");
        }
    }

    #[test]
    fn a_newer_form_is_left_alone() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store = Store::open(&folder.path().join("db")).expect("a new database");
        let write = store.0.begin_write().expect("writable");
        write.open_table(META).expect("a table").insert(SCHEMA, CURRENT + 1).expect("inserted");
        write.commit().expect("committed");
        assert!(store.prepare(0).expect_err("refused").to_string().contains("newer gateway"));
    }
}
