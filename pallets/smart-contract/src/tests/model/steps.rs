//! Random sequences: what may happen to a user, a farmer and a chain.

use grid_types::units::{Prices, GIB, TRAFFIC_UNIT};
use proptest::{prelude::*, sample::Index};

use crate::{
    mock::{FARMER, NODE, OTHER, STRANGER, USER},
    types::{Balance, Parameters, Seconds},
};

/// A world before anything happened.
#[derive(Clone, Debug)]
pub struct Setting {
    pub rules: Parameters,
    pub prices: Prices,
    /// The foundation's share, per cent.
    pub foundation: u32,
    /// What each user has, in hundredths of a day's cost of a middling contract.
    pub wealth: u64,
}

/// One thing that happens. Contracts are picked among all numbers that were given out, and one that was not.
#[derive(Clone, Debug)]
pub enum Step {
    /// Blocks for so many seconds, as far apart as given.
    Pass {
        seconds: Seconds,
        gap: Seconds,
        node_lives: bool,
        full: bool,
    },
    /// No block for so much longer than a gap may be.
    Stall(Seconds),
    /// Time passes, and the node reports everything honestly, so often.
    Work {
        windows: u8,
        share: u8,
    },
    Create {
        who: u64,
        wish: Wish,
        bytes: usize,
        deployed: bool,
    },
    Deployment {
        pick: Index,
        old: bool,
        runs: bool,
    },
    Reports(Vec<Item>),
    Prices(Prices),
    /// Whether the farmer's payout account lives.
    Payout(bool),
    Claim,
    Limit {
        pick: Index,
        who: By,
        hundredths: Option<u64>,
    },
    Fund {
        pick: Index,
        who: u64,
        hundredths: u64,
    },
    /// A user spends so many per cent of what he has, or earns it again.
    Spend {
        who: u64,
        percent: u64,
    },
    Earn {
        who: u64,
        hundredths: u64,
    },
    /// Of the addresses so many go back, and so many others come.
    Update {
        pick: Index,
        who: By,
        bytes: usize,
        wish: Option<Wish>,
        give_back: usize,
        add: u32,
    },
    /// The owner sets aside so much for a pause.
    Cushion {
        pick: Index,
        who: By,
        hundredths: u64,
    },
    Resume {
        pick: Index,
        who: By,
    },
    Cancel {
        pick: Index,
        who: By,
    },
}

/// Who signs, seen from a contract.
#[derive(Clone, Copy, Debug)]
pub enum By {
    Owner,
    Someone(u64),
    Governance,
}

/// Resources, in units that make sums with fractions.
#[derive(Clone, Copy, Debug)]
pub struct Wish {
    pub cru: u64,
    pub memory: u64,
    pub ssd: u64,
    pub hdd: u64,
    pub traffic: u64,
    pub public_ips: u32,
}

/// A report, relative to what is going on.
#[derive(Clone, Debug)]
pub struct Item {
    pub pick: Index,
    /// The window's end: seconds before now; below zero it lies in the future.
    pub age: i64,
    pub window: Window,
    /// Per cent of the reservation; 255 is the largest number there is.
    pub used: [u8; 4],
    pub traffic: Traffic,
}

#[derive(Clone, Copy, Debug)]
pub enum Window {
    /// From the end of the one before, if that is not too long ago.
    Next,
    Long(Seconds),
    Endless,
}

#[derive(Clone, Copy, Debug)]
pub enum Traffic {
    /// So many per cent more of what an hour allows.
    More(u64),
    Back(u64),
    Largest,
}

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

/// Scenes of a life, each for a world with these rules.
pub fn steps(rules: &Parameters) -> impl Strategy<Value = Vec<Step>> {
    let first = create(true);
    let scene = (Just(*rules)).prop_flat_map(step);
    (first, proptest::collection::vec(scene, 1..40)).prop_map(|(first, mut rest)| {
        rest.insert(0, first);
        rest
    })
}

fn step(rules: Parameters) -> impl Strategy<Value = Step> {
    let (gap, window) = (rules.stall_gap, rules.max_window);
    let pass = (1..2 * window, 1..=gap, prop::bool::weighted(0.8), prop::bool::weighted(0.1))
        .prop_map(|(seconds, gap, node_lives, full)| Step::Pass { seconds, gap, node_lives, full });
    let user = || prop_oneof![4 => Just(USER), 1 => Just(OTHER)];
    let someone = prop::sample::select(vec![USER, OTHER, NODE, FARMER, STRANGER]).prop_map(By::Someone);
    let anyone = || prop_oneof![8 => Just(By::Owner), 2 => someone.clone(), 1 => Just(By::Governance)];
    let pick = any::<Index>;
    prop_oneof![
        8 => pass,
        1 => (gap + 1..4 * rules.max_report_delay + gap).prop_map(Step::Stall),
        6 => (1..12_u8, 0..=110_u8).prop_map(|(windows, share)| Step::Work { windows, share }),
        2 => prop::bool::weighted(0.5).prop_flat_map(create),
        3 => (pick(), prop::bool::weighted(0.1), prop::bool::weighted(0.8))
            .prop_map(|(pick, old, runs)| Step::Deployment { pick, old, runs }),
        8 => proptest::collection::vec(item(rules), 1..6).prop_map(Step::Reports),
        1 => prices().prop_map(Step::Prices),
        1 => any::<bool>().prop_map(Step::Payout),
        2 => Just(Step::Claim),
        1 => (pick(), anyone(), prop::option::of(0..50_u64))
            .prop_map(|(pick, who, hundredths)| Step::Limit { pick, who, hundredths }),
        1 => (pick(), user(), prop_oneof![1 => Just(0_u64), 9 => 1..50_u64])
            .prop_map(|(pick, who, hundredths)| Step::Fund { pick, who, hundredths }),
        2 => (user(), prop_oneof![Just(100_u64), 0..100_u64]).prop_map(|(who, percent)| Step::Spend { who, percent }),
        1 => (user(), 0..200_u64).prop_map(|(who, hundredths)| Step::Earn { who, hundredths }),
        2 => update(pick(), anyone()),
        2 => (pick(), anyone(), prop_oneof![1 => Just(0_u64), 3 => 1..20_u64])
            .prop_map(|(pick, who, hundredths)| Step::Cushion { pick, who, hundredths }),
        2 => (pick(), anyone()).prop_map(|(pick, who)| Step::Resume { pick, who }),
        1 => (pick(), anyone()).prop_map(|(pick, who)| Step::Cancel { pick, who }),
    ]
}

fn create(deployed: bool) -> impl Strategy<Value = Step> {
    let who = prop_oneof![4 => Just(USER), 1 => Just(OTHER)];
    (who, wish(), 0..200_usize).prop_map(move |(who, wish, bytes)| Step::Create { who, wish, bytes, deployed })
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

/// `hundredths` of what a middling contract of these prices costs in a day.
pub fn amount(prices: &Prices, hundredths: u64) -> Balance {
    let hour = Balance::from(prices.cu + prices.su + prices.ipu + prices.nu).max(10_000);
    hour * 24 * Balance::from(hundredths) / 100
}
