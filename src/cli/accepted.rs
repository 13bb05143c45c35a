//! Flags of other trackers that every command takes and none needs: there is no daemon, no database and no file to
//! keep in step, so what they ask for is so anyway. Refusing them would only cost whoever has learnt them a try.

/// Flags without an effect, and `--readonly`.
#[derive(clap::Args, Debug, Default, Clone)]
pub struct AcceptedArgs {
    /// Refuse every command that writes
    #[arg(long, global = true, hide = true)]
    pub readonly: bool,
    /// There is no database
    #[arg(long, global = true, hide = true, value_name = "PATH")]
    db: Option<String>,
    /// Nothing runs in the background
    #[arg(long, aliases = ["no-db", "no-auto-flush", "no-auto-import", "no-auto-sync", "allow-stale", "no-git-hooks"], global = true, hide = true)]
    no_daemon: bool,
    /// Nothing leaves the sandbox unless a command says so
    #[arg(long, global = true, hide = true)]
    sandbox: bool,
    /// There is nothing more to say
    #[arg(short = 'v', long, alias = "debug", global = true, hide = true)]
    verbose: bool,
    /// Nobody is made to wait for a lock for long
    #[arg(long, aliases = ["dolt-auto-commit", "busy-timeout"], global = true, hide = true, value_name = "MS")]
    lock_timeout: Option<String>,
    /// Colour is for terminals, and NO_COLOR turns it off
    #[arg(long, aliases = ["no-colour", "no-pager", "no-input"], global = true, hide = true)]
    no_color: bool,
}
