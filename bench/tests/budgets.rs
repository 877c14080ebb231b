//! What the calls that there are most of may touch: budgets, measured on the runtime, and how they must not grow.

use grid_bench::{
    budgets::{of_new_contract, of_reports, per_report, Site},
    hooks,
};

#[test]
fn making_a_contract_keeps_the_budget() {
    let mut site = Site::new(10, 10);
    for public_ips in [0, 1, 2, 8] {
        let accesses = site.create(public_ips);
        let (read, written) = accesses.count();
        let (reads, writes) = of_new_contract(public_ips as usize);
        assert!(
            read <= reads && written <= writes,
            "{public_ips} addresses: {read} reads of {reads}, {written} writes of {writes}; {}",
            accesses.names(),
        );
    }
}

#[test]
fn a_contract_costs_the_same_on_a_farm_with_a_thousand_addresses_and_a_node_with_a_thousand_contracts() {
    let (mut small, mut large) = (Site::new(10, 10), Site::new(1_000, 1_000));
    for public_ips in [0, 1, 8] {
        assert_eq!(small.create(public_ips).count(), large.create(public_ips).count());
    }
}

#[test]
fn a_report_in_a_full_batch_costs_two_reads_and_a_write() {
    let (reads, writes) = per_report();
    // A batch's own handful of accesses is spread over its 500 reports.
    assert!(reads <= 2.0 && writes <= 1.03, "{reads} reads, {writes} writes");
}

#[test]
fn one_report_more_costs_one_read_and_one_write_more() {
    let ((few_reads, few_writes), (reads, writes)) = (of_reports(20).count(), of_reports(21).count());
    assert_eq!((reads - few_reads, writes - few_writes), (1, 1));
}

#[test]
fn an_empty_block_touches_the_same_with_ten_contracts_and_a_thousand() {
    let (mut few, mut many) = (hooks::world(10), hooks::world(1_000));
    assert_eq!(hooks::accesses(&mut few).count(), hooks::accesses(&mut many).count());
}
