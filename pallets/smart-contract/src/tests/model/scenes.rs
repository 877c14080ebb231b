//! Random lives of a world, scene by scene.

use grid_types::units::{Prices, GIB, TRAFFIC_UNIT};
use proptest::{prelude::*, sample::Index};

use super::steps::{By, Item, Setting, Step, Traffic, Window, Wish};
use crate::{
    mock::{FARMER, NODE, OTHER, STRANGER, USER},
    types::Parameters,
};

/// No preset has such numbers: nothing divides anything.
const ODD: Parameters = Parameters {
    report_period: 7,
    min_free_window: 2,
    max_window: 61,
    max_report_delay: 127,
    create_timeout: 45,
    funding_ahead: 37,
    holding_share: 31,
    stall_gap: 50,
    agenda_tick: 11,
    ..Parameters::development()
};

pub fn settings() -> impl Strategy<Value = Setting> {
    let rules = prop_oneof![Just(Parameters::production()), Just(Parameters::development()), Just(ODD)];
    (rules, prices(), 0..=100_u32, prop_oneof![50..200_u64, 200..5_000_u64])
        .prop_map(|(rules, prices, foundation, wealth)| Setting { rules, prices, foundation, wealth })
}

/// A life under these rules: it begins with a contract that runs, or with a rent.
pub fn life(rules: &Parameters) -> impl Strategy<Value = Vec<Step>> {
    let begin = prop_oneof![9 => create(user(), true).prop_map(|step| vec![step]), 1 => rent(*rules)];
    (begin, proptest::collection::vec(scene(*rules), 1..40)).prop_map(|(begin, rest)| {
        let rest = rest.into_iter().flatten();
        begin.into_iter().chain(rest).collect()
    })
}

fn scene(rules: Parameters) -> BoxedStrategy<Vec<Step>> {
    prop_oneof![
        60 => step(rules).prop_map(|step| vec![step]),
        2 => run_dry(rules),
        1 => rent(rules),
        1 => small_payouts(rules),
    ]
    .boxed()
}

fn step(rules: Parameters) -> impl Strategy<Value = Step> {
    let someone = prop::sample::select(vec![USER, OTHER, NODE, FARMER, STRANGER]).prop_map(By::Someone);
    let anyone = || prop_oneof![8 => Just(By::Owner), 2 => someone.clone(), 1 => Just(By::Governance)];
    let pick = any::<Index>;
    prop_oneof![
        8 => pass(rules, 2 * rules.max_window),
        1 => (rules.stall_gap + 1..4 * rules.max_report_delay + rules.stall_gap).prop_map(Step::Stall),
        6 => (1..12_u8, 0..=110_u8).prop_map(|(windows, share)| Step::Work { windows, share }),
        2 => prop::bool::weighted(0.5).prop_flat_map(|deployed| create(user(), deployed)),
        3 => (pick(), prop::bool::weighted(0.1), prop::bool::weighted(0.8))
            .prop_map(|(pick, old, runs)| Step::Deployment { pick, old, runs }),
        8 => proptest::collection::vec(item(rules), 1..6).prop_map(Step::Reports),
        1 => (prices(), 0..=1_000_u16).prop_map(|(prices, surcharge)| Step::Prices(prices, surcharge)),
        1 => any::<bool>().prop_map(Step::Payout),
        2 => Just(Step::Claim),
        1 => (pick(), anyone(), prop::option::of(0..50_u64))
            .prop_map(|(pick, who, hundredths)| Step::Limit { pick, who, hundredths }),
        1 => fund(prop_oneof![1 => Just(0_u64), 9 => 1..50_u64]),
        2 => (user(), prop_oneof![Just(100_u64), 0..100_u64]).prop_map(|(who, percent)| Step::Spend { who, percent }),
        1 => (user(), 0..200_u64).prop_map(|(who, hundredths)| Step::Earn { who, hundredths }),
        2 => update(pick(), anyone()),
        2 => (pick(), anyone(), prop_oneof![1 => Just(0_u64), 3 => 1..20_u64])
            .prop_map(|(pick, who, hundredths)| Step::Cushion { pick, who, hundredths }),
        1 => (pick(), anyone()).prop_map(|(pick, who)| Step::Resume { pick, who }),
        1 => (pick(), anyone()).prop_map(|(pick, who)| Step::Cancel { pick, who }),
    ]
}

/// A user with a cushion runs dry; somewhat later there is money again, or a gift.
fn run_dry(rules: Parameters) -> impl Strategy<Value = Vec<Step>> {
    let cushion =
        (any::<Index>(), 1..30_u64).prop_map(|(pick, hundredths)| Step::Cushion { pick, who: By::Owner, hundredths });
    let resume = any::<Index>().prop_map(|pick| Step::Resume { pick, who: By::Owner });
    let money = (user(), 0..20_000_u64).prop_map(|(who, hundredths)| Step::Earn { who, hundredths });
    let gift = prop_oneof![1..100_u64, 1_000..10_000_u64];
    (cushion, 90..=110_u8, pass(rules, rules.max_window), money, prop_oneof![resume, fund(gift)]).prop_map(
        |(cushion, share, pass, money, then)| {
            let poor = |who| Step::Spend { who, percent: 100 };
            vec![cushion, poor(USER), poor(OTHER), Step::Work { windows: 40, share }, pass, money, then]
        },
    )
}

/// The farmer's new payout account gets too little to live, then more.
fn small_payouts(rules: Parameters) -> impl Strategy<Value = Vec<Step>> {
    (1..5_u64, proptest::collection::vec(item(rules), 1..4), 1..5_u8).prop_map(move |(seconds, reports, windows)| {
        let pass = Step::Pass { seconds, gap: rules.stall_gap, node_lives: true, full: false };
        vec![Step::Payout(false), pass, Step::Reports(reports), Step::Work { windows, share: 100 }, Step::Claim]
    })
}

/// A user rents the node that everybody had to leave, and makes contracts inside. Others try, too.
fn rent(rules: Parameters) -> impl Strategy<Value = Vec<Step>> {
    let inside = |who| proptest::collection::vec(create(prop_oneof![9 => Just(who), 1 => user()], true), 0..4);
    let renter = user().prop_flat_map(move |who| (Just(who), inside(who)));
    let terms = (prices(), prop_oneof![0..50_u16, 0..=1_000_u16]);
    (renter, 0..100_000_u64, terms, pass(rules, rules.max_window)).prop_map(
        |((who, inside), hundredths, (prices, surcharge), pass)| {
            let begin =
                vec![Step::Clear, Step::Prices(prices, surcharge), Step::Earn { who, hundredths }, Step::Rent(who)];
            begin.into_iter().chain(inside).chain([pass]).collect()
        },
    )
}

fn pass(rules: Parameters, most: u64) -> impl Strategy<Value = Step> {
    (1..most, 1..=rules.stall_gap, prop::bool::weighted(0.8), prop::bool::weighted(0.1))
        .prop_map(|(seconds, gap, node_lives, full)| Step::Pass { seconds, gap, node_lives, full })
}

fn user() -> impl Strategy<Value = u64> {
    prop_oneof![4 => Just(USER), 1 => Just(OTHER)]
}

fn create(who: impl Strategy<Value = u64>, deployed: bool) -> impl Strategy<Value = Step> {
    (who, wish(), 0..200_usize).prop_map(move |(who, wish, bytes)| Step::Create { who, wish, bytes, deployed })
}

fn fund(hundredths: impl Strategy<Value = u64>) -> impl Strategy<Value = Step> {
    (any::<Index>(), prop::bool::weighted(0.5), user(), hundredths)
        .prop_map(|(pick, paused, who, hundredths)| Step::Fund { pick, paused, who, hundredths })
}

fn update(pick: impl Strategy<Value = Index>, who: impl Strategy<Value = By>) -> impl Strategy<Value = Step> {
    let addresses = prop_oneof![2 => Just((0_usize, 0_u32)), 1 => (0..3_usize, 0..3_u32)];
    (pick, who, 0..200_usize, prop::option::weighted(0.5, wish()), addresses)
        .prop_map(|(pick, who, bytes, wish, (give_back, add))| Step::Update { pick, who, bytes, wish, give_back, add })
}

/// Half of the wishes are small against the node, so that several fit.
fn wish() -> impl Strategy<Value = Wish> {
    let scale = prop_oneof![Just(1_u64), Just(1), Just(4)];
    let parts = (0..2_000_u64, 0..8 * GIB, 0..250 * GIB, 0..500 * GIB, 0..20 * TRAFFIC_UNIT);
    let ips = prop_oneof![4 => Just(0_u32), 3 => Just(1), 1 => 2..6_u32];
    (scale, parts, ips).prop_map(|(scale, (cru, memory, ssd, hdd, traffic), public_ips)| Wish {
        cru: cru * scale,
        memory: memory * scale,
        ssd: ssd * scale,
        hdd: hdd * scale,
        traffic: traffic * scale,
        public_ips,
    })
}

fn prices() -> impl Strategy<Value = Prices> {
    let price = || prop_oneof![1 => Just(0_u64), 6 => 1..200_000_u64, 1 => 200_000..50_000_000_u64];
    let least = prop_oneof![2 => Just(100_u8), 1 => 0..100_u8];
    (price(), price(), price(), price(), least).prop_map(|(su, cu, nu, ipu, min_use)| Prices {
        su,
        cu,
        nu,
        ipu,
        gb_second: 100,
        min_use,
    })
}

fn item(rules: Parameters) -> impl Strategy<Value = Item> {
    let delay = i64::try_from(rules.max_report_delay).unwrap();
    let age = prop_oneof![6 => Just(0_i64), 3 => 0..delay, 1 => delay..2 * delay, 1 => -2..0_i64];
    let window = prop_oneof![
        4 => Just(Window::Next),
        4 => (0..=rules.max_window + 1).prop_map(Window::Long),
        1 => Just(Window::Endless),
    ];
    let share = || prop_oneof![3 => Just(100_u8), 3 => 0..130_u8, 1 => Just(255)];
    let traffic = prop_oneof![
        6 => (0..150_u64).prop_map(Traffic::More),
        1 => (0..1_000_000_u64).prop_map(Traffic::Back),
        1 => prop::bool::weighted(0.2).prop_map(|largest| if largest { Traffic::Largest } else { Traffic::More(0) }),
    ];
    (any::<Index>(), age, window, [share(), share(), share(), share()], traffic)
        .prop_map(|(pick, age, window, used, traffic)| Item { pick, age, window, used, traffic })
}
