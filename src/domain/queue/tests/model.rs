//! What a queue is to do, said a second time and as plainly as can be: deployments stand in a line, and the first one runs.
//! It uses the program's data and none of its rules, and any [`Queue`] can be held against it.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};

use super::{Hook, Insistence, Mode, NewHead, Origin, Push, ReleaseNumber, RunsIn, ServiceName};

/// Somebody asks for a deployment.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) origin: Origin,
    pub(super) services: Vec<ServiceName>,
    pub(super) mode: Mode,
    pub(super) insistence: Insistence,
    pub(super) runs_in: RunsIn,
}

/// Something that happens to a queue.
#[derive(Debug, Clone)]
pub(super) enum Event {
    Asked(Asked),
    Paused,
    Resumed,
    /// Whoever may begins what comes first, unless something runs.
    Begins,
    /// What runs ends in this state.
    Ends(&'static str),
    /// The engine of what runs dies; if nothing runs, the `serve` does.
    EngineDies,
    /// The command dies in which one of those that wait lives.
    CommandDies(Index),
    /// Somebody cancels one that runs or waits.
    Canceled(Index),
}

/// The word of a deployment's state, and how often it was begun.
pub(super) type Standing = (&'static str, u64);

/// A queue that is held against the model. Deployments are numbered from 0, as they were accepted.
pub(super) trait Queue {
    /// Says in what state it was accepted, if it was.
    fn ask(&mut self, asked: &Asked) -> Option<&'static str>;
    fn pause(&mut self);
    fn resume(&mut self);
    /// Says which one was begun.
    fn begin(&mut self) -> Option<usize>;
    fn end(&mut self, running: usize, state: &'static str);
    fn engine_dies(&mut self, running: Option<usize>);
    fn command_dies(&mut self, waiting: usize);
    fn cancel(&mut self, number: usize);
    fn standings(&self) -> Vec<Standing>;
    /// Those that run or wait, in their order.
    fn line(&self) -> Vec<usize>;
}

/// Lets all this happen to a queue, and then what is left run to its end.
pub(super) fn check(queue: &mut impl Queue, events: &[Event]) {
    let mut checked = Checked { model: Model::default(), queue };
    for event in events {
        checked.happen(event);
    }
    while !checked.model.line.is_empty() {
        checked.happen(&Event::Begins);
        checked.happen(&Event::Ends("succeeded"));
    }
    for (state, _) in checked.queue.standings() {
        assert!(is_over(state), "a deployment is left {state}");
    }
}

/// A queue beside its model.
struct Checked<'a, Q> {
    model: Model,
    queue: &'a mut Q,
}

impl<Q: Queue> Checked<'_, Q> {
    fn happen(&mut self, event: &Event) {
        let before = self.queue.standings();
        match event {
            Event::Asked(asked) => assert_eq!(self.queue.ask(asked), self.model.ask(asked)),
            Event::Paused => {
                self.queue.pause();
                self.model.is_paused = true;
            }
            Event::Resumed => {
                self.queue.resume();
                self.model.is_paused = false;
            }
            Event::Begins => assert_eq!(self.queue.begin(), self.model.begin()),
            Event::Ends(state) => {
                if let Some(running) = self.model.running() {
                    let state = if self.model.all[running].is_canceled { "canceled" } else { state };
                    self.queue.end(running, state);
                    self.model.leave(running, state);
                }
            }
            Event::EngineDies => {
                self.queue.engine_dies(self.model.running());
                self.model.engine_dies();
            }
            Event::CommandDies(index) => {
                let in_commands = self.model.waiting(|one| one.asked.runs_in == RunsIn::Command);
                if let Some(number) = pick(*index, &in_commands) {
                    self.queue.command_dies(number);
                    self.model.leave(number, "canceled");
                }
            }
            Event::Canceled(index) => {
                if let Some(number) = pick(*index, &self.model.line) {
                    self.queue.cancel(number);
                    self.model.cancel(number);
                }
            }
        }
        let standings: Vec<Standing> = self.model.all.iter().map(|one| (one.state, one.attempts)).collect();
        assert_eq!(self.queue.standings(), standings);
        assert_eq!(self.queue.line(), self.model.line);
        self.nothing_is_wrong(&before, &standings);
    }

    /// What holds whatever the model says.
    fn nothing_is_wrong(&self, before: &[Standing], now: &[Standing]) {
        assert!(now.len() >= before.len(), "a deployment was lost");
        assert!(now.iter().filter(|(state, _)| *state == "running").count() <= 1, "two run");
        for (number, (state, attempts)) in now.iter().enumerate() {
            assert!(*attempts <= 3, "{number} was begun {attempts} times");
            let is_hook = matches!(self.model.all[number].asked.origin, Origin::Hook(_));
            let may_be_superseded = is_hook && *attempts == 0;
            assert!(*state != "superseded" || may_be_superseded, "{number} was superseded");
            assert!(*state != "ignored" || is_hook, "{number} was ignored");
        }
        for (number, (before, now)) in before.iter().zip(now).enumerate() {
            assert!(!is_over(before.0) || before == now, "{number} was over");
        }
    }
}

fn pick(index: Index, numbers: &[usize]) -> Option<usize> {
    if numbers.is_empty() { None } else { Some(numbers[index.index(numbers.len())]) }
}

fn is_over(state: &str) -> bool {
    state != "queued" && state != "running"
}

#[derive(Debug)]
struct One {
    asked: Asked,
    state: &'static str,
    attempts: u64,
    is_canceled: bool,
}

#[derive(Debug, Default)]
struct Model {
    all: Vec<One>,
    line: Vec<usize>,
    is_paused: bool,
}

impl Model {
    fn ask(&mut self, asked: &Asked) -> Option<&'static str> {
        let number = self.all.len();
        let state = match &asked.origin {
            Origin::Hook(_) if self.is_paused => "ignored",
            Origin::Command if self.is_paused && asked.insistence == Insistence::None => return None,
            Origin::Hook(hook) if asked.mode == Mode::Latest => self.line_up(number, hook, &asked.services),
            Origin::Rollback(_) => {
                let hooks = self.waiting(|one| is_new_hook(one) && is_within(&one.asked.services, &asked.services));
                self.supersede(&hooks);
                self.line.push(number);
                "queued"
            }
            Origin::Command | Origin::Hook(_) => {
                self.line.push(number);
                "queued"
            }
        };
        self.all.push(One { asked: asked.clone(), state, attempts: 0, is_canceled: false });
        Some(state)
    }

    /// A hook goes where the first of those stood that it replaces.
    fn line_up(&mut self, number: usize, hook: &Hook, services: &[ServiceName]) -> &'static str {
        let theirs = |one: &One| match &one.asked.origin {
            Origin::Hook(theirs) if is_new_hook(one) && is_same_subject(hook, theirs) => Some(theirs.clone()),
            _ => None,
        };
        let is_replaced_by = |one: &One| {
            theirs(one).is_some_and(|theirs| is_later(&theirs, hook)) && is_within(services, &one.asked.services)
        };
        if !self.waiting(is_replaced_by).is_empty() {
            return "superseded";
        }
        let replaces = |one: &One| {
            theirs(one).is_some_and(|theirs| !is_later(&theirs, hook)) && is_within(&one.asked.services, services)
        };
        let older = self.waiting(replaces);
        let place = self.line.iter().position(|number| older.contains(number)).unwrap_or(self.line.len());
        self.line.insert(place, number);
        self.supersede(&older);
        "queued"
    }

    /// Those that wait and are such.
    fn waiting(&self, is_such: impl Fn(&One) -> bool) -> Vec<usize> {
        let waits = |number: &&usize| self.all[**number].state == "queued" && is_such(&self.all[**number]);
        self.line.iter().filter(waits).copied().collect()
    }

    fn running(&self) -> Option<usize> {
        self.line.first().copied().filter(|first| self.all[*first].state == "running")
    }

    fn begin(&mut self) -> Option<usize> {
        let first = self.line.first().copied().filter(|first| self.all[*first].state == "queued")?;
        self.all[first].state = "running";
        self.all[first].attempts += 1;
        Some(first)
    }

    fn supersede(&mut self, numbers: &[usize]) {
        for number in numbers {
            self.leave(*number, "superseded");
        }
    }

    fn leave(&mut self, number: usize, state: &'static str) {
        self.all[number].state = state;
        self.line.retain(|other| *other != number);
    }

    fn engine_dies(&mut self) {
        let Some(running) = self.running() else {
            return;
        };
        let one = &mut self.all[running];
        match one.asked.runs_in {
            _ if one.is_canceled => self.leave(running, "canceled"),
            RunsIn::Serve if one.attempts < 3 => one.state = "queued",
            RunsIn::Serve | RunsIn::Command => self.leave(running, "failed"),
        }
    }

    fn cancel(&mut self, number: usize) {
        if self.running() == Some(number) {
            self.all[number].is_canceled = true;
        } else {
            self.leave(number, "canceled");
        }
    }
}

fn is_new_hook(one: &One) -> bool {
    one.attempts == 0 && matches!(one.asked.origin, Origin::Hook(_))
}

fn is_within(smaller: &[ServiceName], larger: &[ServiceName]) -> bool {
    smaller.iter().all(|service| larger.contains(service))
}

/// The same repository and branches; without Git information the same modifiers.
fn is_same_subject(one: &Hook, other: &Hook) -> bool {
    let (Some(one_push), Some(other_push)) = (&one.push, &other.push) else {
        return one.push.is_none() && other.push.is_none() && one.modifiers == other.modifiers;
    };
    let branches = |push: &Push| {
        let mut branches: Vec<String> = push.heads.iter().map(|head| head.branch.clone()).collect();
        branches.sort();
        branches
    };
    one_push.repository == other_push.repository && branches(one_push) == branches(other_push)
}

/// Whether their heads say that `one` is later than `other`, and none says the opposite.
fn is_later(one: &Hook, other: &Hook) -> bool {
    let begins_where_it_ends = |one: &Hook, other: &Hook| -> Vec<String> {
        let (ours, theirs) =
            (one.push.iter().flat_map(|push| &push.heads), other.push.iter().flat_map(|push| &push.heads));
        let theirs: Vec<&NewHead> = theirs.collect();
        let begins = |ours: &&NewHead| {
            theirs
                .iter()
                .any(|theirs| ours.branch == theirs.branch && ours.before.is_some() && ours.before == theirs.after)
        };
        ours.filter(begins).map(|ours| ours.branch.clone()).collect()
    };
    let (later, earlier) = (begins_where_it_ends(one, other), begins_where_it_ends(other, one));
    let only_later = later.iter().any(|branch| !earlier.contains(branch));
    let only_earlier = earlier.iter().any(|branch| !later.contains(branch));
    only_later && !only_earlier
}

/// Much that concerns the same few services, branches and commits.
pub(super) fn events(most: usize) -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        8 => any_asked().prop_map(Event::Asked),
        4 => Just(Event::Begins),
        3 => select(vec!["succeeded", "failed"]).prop_map(Event::Ends),
        2 => Just(Event::EngineDies),
        1 => any::<Index>().prop_map(Event::CommandDies),
        1 => any::<Index>().prop_map(Event::Canceled),
        1 => select(vec![Event::Paused, Event::Resumed, Event::Resumed]),
    ];
    vec(event, 1..most)
}

fn any_asked() -> impl Strategy<Value = Asked> {
    let person = (select(vec![Insistence::None, Insistence::Forced]), select(vec![RunsIn::Command, RunsIn::Serve]));
    let person = person.prop_flat_map(|(insistence, runs_in)| {
        let origin = select(vec![Origin::Command, Origin::Command, Origin::Rollback(ReleaseNumber(1))]);
        origin.prop_map(move |origin| (origin, Mode::Latest, insistence, runs_in))
    });
    let mode = prop_oneof![9 => Just(Mode::Latest), 1 => Just(Mode::All)];
    let hook = (any_hook().prop_map(Origin::Hook), mode, Just(Insistence::None), Just(RunsIn::Serve));
    let services = subsequence(vec!["web", "worker", "cron"], 1..=3).prop_shuffle();
    (prop_oneof![1 => person, 3 => hook], services).prop_map(|((origin, mode, insistence, runs_in), services)| {
        let services = services.into_iter().map(|name| name.parse().unwrap()).collect();
        Asked { origin, services, mode, insistence, runs_in }
    })
}

fn any_hook() -> impl Strategy<Value = Hook> {
    let commit = || select(vec!["a", "b", "c"]).prop_map(str::to_owned);
    let head = move |branch: &'static str| {
        let shas = (option::weighted(0.9, commit()), option::weighted(0.9, commit()), any::<bool>());
        shas.prop_map(move |(before, after, forced)| NewHead { branch: branch.to_owned(), before, after, forced })
    };
    let heads = prop_oneof![
        6 => head("main").prop_map(|main| vec![main]),
        1 => head("release").prop_map(|release| vec![release]),
        4 => (head("main"), head("release")).prop_map(|(main, release)| vec![main, release]).prop_shuffle(),
        1 => Just(Vec::new()),
    ];
    let repository = prop_oneof![9 => Just("example.com/acme/shop"), 1 => Just("example.com/acme/worker")];
    let push = (repository.prop_map(str::to_owned), heads).prop_map(|(repository, heads)| Push { repository, heads });
    let modifiers = prop_oneof![Just(Vec::new()), Just(vec!["web".to_owned()])];
    (option::weighted(0.8, push), modifiers).prop_map(|(push, modifiers)| Hook { push, modifiers })
}
