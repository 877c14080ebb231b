//! The steps of agent and gateway as a subscriber sees them.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    str::FromStr,
    sync::atomic::{AtomicU32, Ordering},
};
use tracing::{
    field::{Field, Visit},
    Event, Subscriber,
};
use tracing_subscriber::{
    filter::LevelFilter,
    fmt,
    layer::{Context, Layer, SubscriberExt},
    util::SubscriberInitExt,
};

/// The targets of events that are steps, and what goes before the names of each.
const TARGETS: [(&str, &str); 2] = [("zos_agent::step", ""), ("faas_gateway::step", "gateway.")];

/// The step at which a process ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kill {
    /// Its name; those of the gateway begin with `gateway.`.
    pub step: String,
    /// How often it must be reached, from 1 on.
    pub count: u32,
}

impl FromStr for Kill {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (step, count) = text.split_once(':').unwrap_or((text, "1"));
        Ok(Self { step: step.to_owned(), count: count.parse()? })
    }
}

impl std::fmt::Display for Kill {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.step, self.count)
    }
}

/// What a program is told whose steps are noted.
#[derive(clap::Args)]
pub struct Watch {
    /// Where each step is noted, one in a line, before anything else happens.
    #[arg(long)]
    steps: PathBuf,
    /// The step at which to end: its name, or its name, a colon, and how often it must have been reached.
    #[arg(long)]
    kill: Option<Kill>,
}

impl Watch {
    /// From now on the steps of this process are noted, and the rest of what it tells goes to standard error.
    pub fn begin(self) {
        let steps = Steps::new(&self.steps, self.kill).expect("the steps can be noted");
        let log = fmt::layer().with_ansi(false).with_writer(io::stderr).with_filter(LevelFilter::INFO);
        tracing_subscriber::registry().with(steps).with(log).init();
    }
}

/// Notes each step, and ends the process at one.
struct Steps {
    notes: File,
    kill: Option<Kill>,
    reached: AtomicU32,
}

impl Steps {
    /// Notes at the end of a file.
    fn new(notes: &Path, kill: Option<Kill>) -> io::Result<Self> {
        let notes = OpenOptions::new().create(true).append(true).open(notes)?;
        Ok(Self { notes, kill, reached: AtomicU32::new(0) })
    }

    fn reach(&self, step: &str) {
        // One write, so that lines of different threads stay whole; it is in the kernel's hands when the process ends.
        let _ = (&self.notes).write_all(format!("{step}\n").as_bytes());
        let Some(kill) = self.kill.as_ref().filter(|kill| kill.step == step) else { return };
        if self.reached.fetch_add(1, Ordering::SeqCst) + 1 == kill.count {
            let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
            unreachable!("nobody survives this signal");
        }
    }
}

impl<S: Subscriber> Layer<S> for Steps {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let target = event.metadata().target();
        let Some((_, prefix)) = TARGETS.iter().find(|(name, _)| *name == target) else { return };
        let mut name = StepName(None);
        event.record(&mut name);
        if let Some(name) = name.0 {
            self.reach(&format!("{prefix}{name}"));
        }
    }
}

/// The field `step` of an event.
struct StepName(Option<String>);

impl Visit for StepName {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "step" {
            self.0 = Some(value.to_owned());
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kill_is_a_step_and_how_often_it_is_reached() {
        let read = |text: &str| text.parse::<Kill>().map(|kill| (kill.step, kill.count));
        assert_eq!(read("deploy.stored"), Ok(("deploy.stored".to_owned(), 1)));
        assert_eq!(read("deploy.stored:3"), Ok(("deploy.stored".to_owned(), 3)));
        assert!(read("deploy.stored:x").is_err());
    }
}
