//! The rules together, on whatever may happen in whatever order.

use proptest::prelude::*;

use super::model::{Asked, Queue, Standing, check, events};
use super::*;

/// A queue that is nothing but the rules and what a store would keep.
#[derive(Default)]
struct Rules {
    kept: Vec<Kept>,
    is_paused: bool,
}

struct Kept {
    asked: Asked,
    place: usize,
    state: DeploymentState,
    attempt: u64,
    is_canceled: bool,
}

impl Rules {
    /// Those that run or wait, by their places.
    fn in_order(&self) -> Vec<usize> {
        let mut numbers: Vec<usize> =
            (0..self.kept.len()).filter(|number| !self.kept[*number].state.is_over()).collect();
        numbers.sort_by_key(|number| self.kept[*number].place);
        numbers
    }

    fn waiting_hooks(&self) -> Vec<Waiting> {
        let waiting = |number: usize| {
            let Kept { asked, place, state, attempt, .. } = &self.kept[number];
            let id = number.try_into().unwrap();
            match &asked.origin {
                Origin::Hook(hook) if *state == DeploymentState::Queued && *attempt == 0 => Some(Waiting {
                    id,
                    place: (*place).try_into().unwrap(),
                    hook: hook.clone(),
                    services: asked.services.clone(),
                }),
                _ => None,
            }
        };
        self.in_order().into_iter().filter_map(waiting).collect()
    }

    fn find_place(&mut self, number: usize, asked: &Asked) -> (usize, DeploymentState) {
        match arrive(&self.waiting_hooks(), &asked.origin, &asked.services, asked.mode) {
            Arrival::SupersededBy(_) => (number, DeploymentState::Superseded),
            Arrival::Waits { place_of, supersedes } => {
                let index = |id: u64| usize::try_from(id).unwrap();
                for older in supersedes {
                    self.kept[index(older)].state = DeploymentState::Superseded;
                }
                (place_of.map_or(number, |older| self.kept[index(older)].place), DeploymentState::Queued)
            }
        }
    }

    fn died(&mut self, number: usize) {
        let kept = &mut self.kept[number];
        let is_running = kept.state == DeploymentState::Running;
        let after = after_death(kept.asked.runs_in, is_running, kept.attempt).state();
        kept.state = if kept.is_canceled { DeploymentState::Canceled } else { after };
    }
}

impl Queue for Rules {
    fn ask(&mut self, asked: &Asked) -> Option<&'static str> {
        let number = self.kept.len();
        let admission =
            if self.is_paused { admit_paused(&asked.origin, asked.insistence) } else { Admission::Admitted };
        let (place, state) = match admission {
            Admission::Refused => return None,
            Admission::Ignored => (number, DeploymentState::Ignored),
            Admission::Admitted => self.find_place(number, asked),
        };
        self.kept.push(Kept { asked: asked.clone(), place, state, attempt: 0, is_canceled: false });
        Some(state.word())
    }

    fn pause(&mut self) {
        self.is_paused = true;
    }

    fn resume(&mut self) {
        self.is_paused = false;
    }

    fn begin(&mut self) -> Option<usize> {
        let first = self.in_order().first().copied()?;
        let kept = &mut self.kept[first];
        let waits = kept.state == DeploymentState::Queued;
        waits.then(|| {
            kept.state = DeploymentState::Running;
            kept.attempt += 1;
            first
        })
    }

    fn end(&mut self, running: usize, state: &'static str) {
        self.kept[running].state = state.parse().unwrap();
    }

    fn engine_dies(&mut self, running: Option<usize>) {
        if let Some(running) = running {
            self.died(running);
        }
    }

    fn command_dies(&mut self, waiting: usize) {
        self.died(waiting);
    }

    fn cancel(&mut self, number: usize) {
        match self.kept[number].state {
            DeploymentState::Running => self.kept[number].is_canceled = true,
            _ => self.kept[number].state = DeploymentState::Canceled,
        }
    }

    fn standings(&self) -> Vec<Standing> {
        self.kept.iter().map(|kept| (kept.state.word(), kept.attempt)).collect()
    }

    fn line(&self) -> Vec<usize> {
        self.in_order()
    }
}

fn any_push() -> impl Strategy<Value = Push> {
    let commit = || proptest::option::of(proptest::sample::select(vec!["a", "b", "c"]));
    let heads = proptest::collection::vec((commit(), commit()), 2);
    let branches = proptest::sample::subsequence(vec!["main", "release"], 0..=2).prop_shuffle();
    (branches, heads).prop_map(|(branches, heads)| {
        let heads = branches.into_iter().zip(heads).map(|(branch, (before, after))| head(branch, before, after));
        Push { repository: "example.com/acme/shop".to_owned(), heads: heads.collect() }
    })
}

proptest! {
    #[test]
    fn any_sequence_ends_as_a_plain_line_of_deployments_would(events in events(50)) {
        check(&mut Rules::default(), &events);
    }

    #[test]
    fn if_one_push_is_newer_the_other_is_older(one in any_push(), other in any_push()) {
        prop_assume!(one.is_about_the_same_as(&other));
        prop_assert_eq!(one.order(&other), other.order(&one).map(Ordering::reverse));
        prop_assert!(one.is_about_the_same_as(&one) && other.is_about_the_same_as(&one));
        prop_assert_eq!(one.order(&one), None);
    }
}
