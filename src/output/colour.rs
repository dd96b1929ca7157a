//! Whether to use colour, decided once a stream.

use colored::Colorize;

use crate::domain::printable::Colours;

/// What was asked for with `--color`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ColourChoice {
    /// On a terminal that can, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What the environment says about the terminal.
#[expect(clippy::struct_excessive_bools, reason = "each is a variable that is set or not")]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TerminalVariables {
    /// `NO_COLOR` is set and not empty.
    pub no_color: bool,
    /// `CLICOLOR_FORCE` is set, not empty and not `0`.
    pub force: bool,
    /// `TERM` is `dumb`.
    pub dumb: bool,
    /// `CI` is set: nobody is there to answer, or to watch a spinner.
    pub ci: bool,
}

/// A role that text can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paint {
    Dim,
    Error,
    Hint,
    Label,
}

/// Colours text for one stream, or leaves it alone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Painter {
    coloured: bool,
}

impl Painter {
    pub(super) fn new(choice: ColourChoice, variables: TerminalVariables, terminal: bool) -> Self {
        let coloured = match choice {
            ColourChoice::Always => true,
            ColourChoice::Never => false,
            ColourChoice::Auto if variables.no_color => false,
            ColourChoice::Auto if variables.force => true,
            ColourChoice::Auto => terminal && !variables.dumb,
        };
        if coloured {
            // `colored` would look at standard output alone.
            colored::control::set_override(true);
        }
        Self { coloured }
    }

    pub(super) fn paint(self, paint: Paint, text: &str) -> String {
        if !self.coloured {
            return text.to_owned();
        }
        let painted = match paint {
            Paint::Dim => text.dimmed(),
            Paint::Error => text.red().bold(),
            Paint::Hint => text.green(),
            Paint::Label => text.cyan(),
        };
        painted.to_string()
    }

    /// What happens to the colours of foreign text.
    pub(super) fn colours(self) -> Colours {
        if self.coloured { Colours::Keep } else { Colours::Remove }
    }
}

#[cfg(test)]
mod tests {
    use super::{ColourChoice, Painter, TerminalVariables};

    #[test]
    fn the_flag_goes_before_the_environment_and_that_before_the_terminal() {
        let none = TerminalVariables::default();
        let no_color = TerminalVariables { no_color: true, ..none };
        let force = TerminalVariables { force: true, ..none };
        let dumb = TerminalVariables { dumb: true, ..none };
        let both = TerminalVariables { no_color: true, force: true, ..none };
        let cases = [
            (ColourChoice::Auto, none, true, true),
            (ColourChoice::Auto, none, false, false),
            (ColourChoice::Auto, dumb, true, false),
            (ColourChoice::Auto, no_color, true, false),
            (ColourChoice::Auto, force, false, true),
            (ColourChoice::Auto, both, true, false),
            (ColourChoice::Always, no_color, false, true),
            (ColourChoice::Never, force, true, false),
        ];
        for (choice, variables, terminal, expected) in cases {
            let painter = Painter::new(choice, variables, terminal);
            assert_eq!(painter.coloured, expected, "{choice:?} {variables:?} {terminal}");
        }
    }
}
