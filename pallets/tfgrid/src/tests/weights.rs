use crate::{mock::Test, weights::MeasuredWeight, WeightInfo};

type Weights = MeasuredWeight<Test>;

#[test]
fn every_call_costs_something() {
    let calls = [
        Weights::create_twin(),
        Weights::update_twin(),
        Weights::delete_twin(),
        Weights::create_pricing_policy(),
        Weights::update_pricing_policy(),
        Weights::delete_pricing_policy(),
        Weights::set_price_floor(),
        Weights::create_farm(),
        Weights::update_farm(),
        Weights::set_farm_payout(),
        Weights::delete_farm(),
        Weights::add_farm_ip(),
        Weights::remove_farm_ip(),
        Weights::verify_farm_ip(),
        Weights::authorize_node(),
        Weights::revoke_node_authorization(),
        Weights::create_node(0),
        Weights::update_node(0),
        Weights::set_node_agent(),
        Weights::delete_node(),
        Weights::report_uptime(),
        Weights::report_degraded(),
        Weights::change_power_target(),
        Weights::change_power_state(),
        Weights::set_node_rent_terms(),
        Weights::move_node(),
        Weights::sponsor_twin(),
        Weights::withdraw_sponsorship(),
        Weights::create_entity(),
        Weights::update_entity(),
        Weights::delete_entity(),
        Weights::add_twin_entity(),
        Weights::delete_twin_entity(),
        Weights::add_certifier(),
        Weights::remove_certifier(),
        Weights::set_node_certification(),
        Weights::force_remove_farm_ip(),
        Weights::set_node_public_config(),
        Weights::accept_agent(),
        Weights::resign_agent(),
    ];
    for weight in calls {
        assert!(weight.ref_time() > 20_000_000);
    }
}

#[test]
fn lists_cost_by_their_length() {
    assert!(
        Weights::create_node(16).all_gte(Weights::create_node(0))
            && Weights::create_node(16) != Weights::create_node(0)
    );
    assert!(Weights::update_node(16) != Weights::update_node(0));
    let each = Weights::reserve_ips(2) - Weights::reserve_ips(1);
    assert_eq!(Weights::reserve_ips(64), Weights::reserve_ips(0) + each * 64);
    let each = Weights::release_ips(2) - Weights::release_ips(1);
    assert_eq!(Weights::release_ips(64), Weights::release_ips(0) + each * 64);
}
