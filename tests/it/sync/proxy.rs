//! A git server over HTTP with the failure modes of hosted sandboxes. It stands beside the project in
//! `../shared/tools`; where it or its interpreter is missing, the tests say so.

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A running server; it ends with the value.
pub struct Proxy {
    child: Child,
    pub port: u16,
}

impl Proxy {
    /// Serves the repositories of a folder.
    pub fn start(root: &Path, args: &[&str]) -> Option<Self> {
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/tools/gitproxy.py");
        if !program.exists() {
            crate::compat::skip(&format!("no {}", program.display()));
            return None;
        }
        // Somebody else may take the port before the server does.
        (0..5).find_map(|_| {
            let port = TcpListener::bind("127.0.0.1:0").ok()?.local_addr().ok()?.port();
            let mut command = Command::new("python3");
            command.arg(&program).arg(root).arg(port.to_string()).args(args).env_remove("GIT_DIR");
            command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            let child =
                command.spawn().inspect_err(|e| crate::compat::skip(&format!("python3: {e}"))).ok()?;
            let mut proxy = Proxy { child, port };
            proxy.answers().then_some(proxy)
        })
    }

    /// Waits until it takes connections; `false` where it has ended instead.
    fn answers(&mut self) -> bool {
        let started = Instant::now();
        while self.child.try_wait().expect("a child").is_none() {
            if TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return true;
            }
            assert!(started.elapsed() < Duration::from_secs(60), "the server does not come up");
            std::thread::yield_now();
        }
        false
    }

    /// The URL of a repository, with a login where `user` is one: `name:password@`.
    pub fn url(&self, user: &str) -> String {
        format!("http://{user}127.0.0.1:{}/srv.git", self.port)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
