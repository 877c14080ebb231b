//! Runs a case.

use std::{
    cell::RefCell,
    panic::{self, AssertUnwindSafe},
    sync::Once,
    time::Duration,
};

use gridchain_runtime::{genesis_presets, AccountId, Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin};
use sp_runtime::{DispatchError, MultiAddress, Storage};

use crate::{
    calls::Wish,
    chain::{Broken, Chain, Outcome},
    draw::Draw,
    grid::{self, Signer, PEOPLE},
    step::{Step, Wrapper, STEP},
    tally::{Result as Counted, Tally},
};

/// The chains that cases run on, by their first byte.
pub const PRESETS: [&str; 2] = ["development", "local_testnet"];

/// A preset and what happens on it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Case {
    /// Position in [`PRESETS`].
    pub preset: u8,
    /// One after the other.
    pub steps: Vec<Step>,
}

/// A case that broke a rule.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The case up to the step that broke it.
    pub case: Case,
    /// What was broken.
    pub why: String,
}

/// A case that broke nothing.
#[derive(Clone, Copy, Default, Debug)]
pub struct Passed {
    /// Blocks that it made.
    pub blocks: u64,
    /// The longest that one of them took.
    pub longest_block: Duration,
}

impl Case {
    /// The bytes of a case, as hex.
    pub fn to_hex(&self) -> String {
        let steps: Vec<u8> = self.steps.iter().flat_map(|step| step.0).collect();
        hex::encode([&[self.preset], &steps[..]].concat())
    }

    /// Reads the bytes. What is missing at the end is zeros.
    pub fn from_hex(text: &str) -> Result<Self, String> {
        let bytes = hex::decode(text.trim()).map_err(|error| format!("not hex: {error}"))?;
        let (preset, steps) = bytes.split_first().ok_or("no bytes")?;
        let step = |bytes: &[u8]| {
            let mut step = [0; STEP];
            step[..bytes.len()].copy_from_slice(bytes);
            Step(step)
        };
        Ok(Self { preset: *preset, steps: steps.chunks(STEP).map(step).collect() })
    }

    /// The preset's name.
    pub fn preset_name(&self) -> &'static str {
        PRESETS[usize::from(self.preset) % PRESETS.len()]
    }

    /// Runs it; `tally` counts each step.
    pub fn run(&self, tally: &mut Tally) -> Result<Passed, Failure> {
        self.run_and_tell(tally, |_, _| ())
    }

    /// Runs it; `tell` hears of each step and what became of it.
    pub fn run_and_tell(&self, tally: &mut Tally, mut tell: impl FnMut(&Step, &Counted)) -> Result<Passed, Failure> {
        let mut done = 0;
        let run = || {
            let mut chain = Chain::new(self.genesis());
            for step in &self.steps {
                done += 1;
                let result = perform(&mut chain, step)?;
                tally.count(&result);
                tell(step, &result);
            }
            chain.close()?;
            Ok(Passed { blocks: chain.blocks, longest_block: chain.longest_block })
        };
        let why = match catching(run) {
            Ok(Ok(passed)) => return Ok(passed),
            Ok(Err(Broken(why))) => why,
            Err(panic) => format!("panic: {panic}"),
        };
        let steps = self.steps[..done].to_vec();
        Err(Failure { case: Self { preset: self.preset, steps }, why })
    }

    fn genesis(&self) -> Storage {
        thread_local!(static STATES: RefCell<Vec<(&'static str, Storage)>> = const { RefCell::new(vec![]) });
        let name = self.preset_name();
        STATES.with_borrow_mut(|states| {
            if !states.iter().any(|(known, _)| *known == name) {
                states.push((name, genesis_presets::state(name).expect("the runtime has this preset")));
            }
            states.iter().find(|(known, _)| *known == name).map(|(_, state)| state.clone()).unwrap_or_default()
        })
    }
}

/// One step: time, then the call.
fn perform(chain: &mut Chain, step: &Step) -> Result<Counted, Broken> {
    chain.pass(step.time())?;
    let (name, call, origin) = chain.look(|| {
        let wish = (step.entry().make)(&mut Draw::new(step.arguments()));
        wrapped(step, wish)
    });
    let Some(Outcome { result, events }) = chain.call(call, origin)? else {
        return Ok(Counted::too_heavy(name));
    };
    let result = result.and_then(|()| failure_inside(&events).map_or(Ok(()), Err));
    Ok(Counted::new(name, result, &events))
}

/// The call as it goes to the chain, its name, and who signs it.
fn wrapped(step: &Step, wish: Wish) -> (&'static str, RuntimeCall, RuntimeOrigin) {
    let name = step.entry().name;
    let (origin, account) = match step.signer() {
        Signer::Fitting => (wish.by, wish.account),
        Signer::Root => (RuntimeOrigin::root(), None),
        Signer::Council => (grid::council(), None),
        Signer::Nobody => (RuntimeOrigin::none(), None),
        Signer::Account(place) => {
            let account = PEOPLE[place].to_account_id();
            (grid::signed(&account), Some(account))
        },
    };
    let call = wish.call;
    let boxed = Box::new(call.clone());
    use pallet_utility::Call as Utility;
    match step.wrapper() {
        Wrapper::None => (name, call, origin),
        Wrapper::BatchAll => ("batch_all", Utility::batch_all { calls: vec![call] }.into(), origin),
        Wrapper::Twice => ("force_batch", Utility::force_batch { calls: vec![call.clone(), call] }.into(), origin),
        Wrapper::AfterFailure => {
            let fails = frame_system::Call::<Runtime>::kill_storage { keys: vec![] }.into();
            ("force_batch", Utility::force_batch { calls: vec![fails, call] }.into(), origin)
        },
        Wrapper::Proxy => {
            let real = account.unwrap_or_else(|| PEOPLE[0].to_account_id());
            let delegate = delegate_of(&real);
            let proxied = pallet_proxy::Call::<Runtime>::proxy {
                real: MultiAddress::Id(real),
                force_proxy_type: None,
                call: boxed,
            };
            ("proxy", proxied.into(), grid::signed(&delegate))
        },
        Wrapper::Derivative => ("as_derivative", Utility::as_derivative { index: 0, call: boxed }.into(), origin),
        Wrapper::Sudo => {
            let alice = PEOPLE[0].to_account_id();
            let sudo = match account {
                Some(who) => pallet_sudo::Call::<Runtime>::sudo_as { who: MultiAddress::Id(who), call: boxed },
                None => pallet_sudo::Call::<Runtime>::sudo { call: boxed },
            };
            ("sudo", sudo.into(), grid::signed(&alice))
        },
    }
}

/// Who may act for an account; somebody who may not, if there is nobody.
fn delegate_of(real: &AccountId) -> AccountId {
    let (proxies, _) = pallet_proxy::Proxies::<Runtime>::get(real);
    proxies.first().map_or_else(|| PEOPLE[1].to_account_id(), |proxy| proxy.delegate.clone())
}

/// Wrappers succeed whatever becomes of what is inside; their events tell. The first call after a failure counts.
fn failure_inside(events: &[RuntimeEvent]) -> Option<DispatchError> {
    let last = events.iter().rev().find_map(|event| match event {
        RuntimeEvent::Utility(pallet_utility::Event::ItemFailed { error }) => Some(Err(*error)),
        RuntimeEvent::Utility(pallet_utility::Event::ItemCompleted) => Some(Ok(())),
        RuntimeEvent::Proxy(pallet_proxy::Event::ProxyExecuted { result }) => Some(*result),
        RuntimeEvent::Sudo(pallet_sudo::Event::Sudid { sudo_result }) => Some(*sudo_result),
        RuntimeEvent::Sudo(pallet_sudo::Event::SudoAsDone { sudo_result }) => Some(*sudo_result),
        _ => None,
    });
    last.and_then(Result::err)
}

/// Runs something that may panic; gives the panic's words and place instead of printing them.
fn catching<R>(something: impl FnOnce() -> R) -> Result<R, String> {
    thread_local!(static LAST: RefCell<Option<String>> = const { RefCell::new(None) });
    thread_local!(static QUIET: std::cell::Cell<bool> = const { std::cell::Cell::new(false) });
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| match QUIET.get() {
            true => LAST.set(Some(info.to_string())),
            false => usual(info),
        }));
    });
    QUIET.set(true);
    let result = panic::catch_unwind(AssertUnwindSafe(something));
    QUIET.set(false);
    result.map_err(|_| LAST.take().unwrap_or_default())
}
