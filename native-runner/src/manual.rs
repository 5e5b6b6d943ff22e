//! `exitless completions` and `exitless man`: the command line, told to a shell and to `man`.

use clap::{Command, CommandFactory};
use observe::failure::{Failure, Outcome};

use crate::cli::{Cli, CompletionsArgs, ManArgs};
use crate::output::Output;
use crate::stdout;

fn written(result: std::io::Result<()>) -> Outcome<()> {
    result.map_err(|e| Failure::Failed(format!("manual page: {e}")))
}

/// Prints what a shell needs to complete the command line.
pub fn completions(args: &CompletionsArgs) -> Outcome<()> {
    let mut out = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "exitless", &mut out);
    stdout::print(&String::from_utf8_lossy(&out))
}

/// Prints the first manual page, or writes all into a folder.
pub fn man(args: &ManArgs) -> Outcome<()> {
    let mut command = Cli::command();
    command.build();
    let Some(folder) = &args.out else { return stdout::print(&String::from_utf8_lossy(&page(command)?)) };
    std::fs::create_dir_all(folder).map_err(|e| Failure::Usage(format!("{}: {e}", folder.display())))?;
    let pages = pages("exitless", &command);
    for (name, command) in std::iter::once(("exitless".to_string(), command)).chain(pages) {
        let name: &'static str = String::leak(name);
        let mut output = Output::create(&folder.join(format!("{name}.1")))?;
        output.write(&page(command.name(name))?)?;
        output.commit()?;
    }
    Ok(())
}

/// Each command below this one, at any depth, with its page's name.
fn pages(above: &str, command: &Command) -> Vec<(String, Command)> {
    let each = |c: &Command| {
        let name = format!("{above}-{}", c.get_name());
        let below = pages(&name, c);
        std::iter::once((name, c.clone())).chain(below).collect::<Vec<_>>()
    };
    command.get_subcommands().filter(|c| c.get_name() != "help").flat_map(each).collect()
}

fn page(command: Command) -> Outcome<Vec<u8>> {
    let mut out = Vec::new();
    written(clap_mangen::Man::new(command).render(&mut out))?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_page_with_its_examples() {
        let mut command = Cli::command();
        command.build();
        for command in command.get_subcommands().filter(|c| c.get_name() != "help") {
            let page = String::from_utf8(page(command.clone()).unwrap()).unwrap();
            assert!(page.contains(".SH NAME") && page.contains("Examples:"), "{}", command.get_name());
        }
    }

    #[test]
    fn completions_know_the_commands() {
        let mut out = Vec::new();
        clap_complete::generate(clap_complete::Shell::Bash, &mut Cli::command(), "exitless", &mut out);
        let text = String::from_utf8(out).unwrap();
        for command in ["compare", "inspect", "gdb", "--exit-cost-scale"] {
            assert!(text.contains(command), "{command}");
        }
    }
}
