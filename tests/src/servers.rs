//! Programs that leave passwords to PAM, on a machine with [`Image::with_programs`](crate::Image::with_programs): each
//! set up according to its documentation, with `login` as the PAM service.

use crate::{Machine, Output};

/// A program that leaves passwords to PAM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Server {
    /// The auth-pam plugin of `OpenVPN`.
    OpenVpn,
    /// Cyrus SASL's saslauthd.
    Saslauthd,
    /// python-pam.
    PythonPam,
    /// `PyPAM`.
    PyPam,
    /// nginx's `auth_pam`, which is not root.
    Nginx,
    /// The same with the PAM service `sshd`.
    NginxSshd,
    /// `ProFTPD`.
    ProFtpd,
    /// `MariaDB`'s `auth_pam`.
    MariaDb,
    /// The same with the PAM service `sshd`.
    MariaDbSshd,
}

/// Before the machine boots.
pub const PREPARE: &str = "
    systemctl disable -q openvpn saslauthd 2>/dev/null || true
    usermod -aG shadow www-data
    cat >/etc/nginx/conf.d/pam.conf <<'CONF'
server {
    listen 127.0.0.1:8081;
    root /usr/share/nginx/html;
    location /login/ { alias /usr/share/nginx/html/; auth_pam people; auth_pam_service_name login; }
    location /sshd/ { alias /usr/share/nginx/html/; auth_pam people; auth_pam_service_name sshd; }
}
CONF
    sed -i 's/^worker_processes.*/worker_processes 1;/' /etc/nginx/nginx.conf
    echo served >/usr/share/nginx/html/page
    cat >/etc/proftpd/conf.d/pam.conf <<'CONF'
AuthOrder mod_auth_pam.c* mod_auth_unix.c
AuthPAM on
AuthPAMConfig login
RequireValidShell off
CONF
    cat >/etc/openvpn/server/tests.conf <<'CONF'
dev tun
server 10.8.0.0 255.255.255.0
proto tcp-server
port 1194
dh none
ca /usr/local/share/ca-certificates/tests.crt
cert /etc/ssl/mail.crt
key /etc/ssl/private/mail.key
verify-client-cert none
username-as-common-name
duplicate-cn
plugin /usr/lib/x86_64-linux-gnu/openvpn/plugins/openvpn-plugin-auth-pam.so login
CONF
";

/// Once it runs.
const START: &str = "
    mkdir -p /dev/net && { [ -e /dev/net/tun ] || mknod /dev/net/tun c 10 200; }
    openvpn --config /etc/openvpn/server/tests.conf --daemon --log /run/openvpn-server.log
    mkdir -p /run/saslauthd && saslauthd -a pam -n 2 -m /run/saslauthd
    mariadb -e \"INSTALL SONAME 'auth_pam'\"
    until grep -q 'Initialization Sequence Completed' /run/openvpn-server.log; do sleep 0.05; done
    for port in 21 8081 3306; do until (: </dev/tcp/127.0.0.1/$port) 2>/dev/null; do sleep 0.05; done; done";

impl Server {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::OpenVpn,
        Self::Saslauthd,
        Self::PythonPam,
        Self::PyPam,
        Self::Nginx,
        Self::NginxSshd,
        Self::ProFtpd,
        Self::MariaDb,
        Self::MariaDbSshd,
    ];

    /// Its usual name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OpenVpn => "OpenVPN's auth-pam plugin",
            Self::Saslauthd => "saslauthd -a pam",
            Self::PythonPam => "python-pam",
            Self::PyPam => "PyPAM",
            Self::Nginx => "nginx with auth_pam",
            Self::NginxSshd => "nginx with auth_pam, service sshd",
            Self::ProFtpd => "ProFTPD",
            Self::MariaDb => "MariaDB's auth_pam",
            Self::MariaDbSshd => "MariaDB's auth_pam, service sshd",
        }
    }

    /// Debian's package.
    pub const fn package(self) -> &'static str {
        match self {
            Self::OpenVpn => "openvpn",
            Self::Saslauthd => "sasl2-bin",
            Self::PythonPam => "python3-pampy",
            Self::PyPam => "python3-pam",
            Self::Nginx | Self::NginxSshd => "libnginx-mod-http-auth-pam",
            Self::ProFtpd => "proftpd-core",
            Self::MariaDb | Self::MariaDbSshd => "mariadb-server",
        }
    }

    /// The PAM service that it is configured with.
    pub const fn service(self) -> &'static str {
        match self {
            Self::NginxSshd | Self::MariaDbSshd => "sshd",
            _ => "login",
        }
    }

    /// Shell commands that exit with 0 if `user` is let in with `password`, and print the program's output.
    pub fn line(self, user: &str, password: &str) -> String {
        match self {
            Self::OpenVpn => {
                format!("NAME='{user}' PASSWORD='{password}' timeout 50 python3 /opt/clients/openvpn_.py")
            }
            Self::Saslauthd => format!("testsaslauthd -u '{user}' -p '{password}' -s login"),
            Self::PythonPam => format!(
                "python3 -c 'import pam, sys; p = pam.pam(); r = p.authenticate(\"{user}\", \"{password}\")
print(p.code, p.reason); sys.exit(not r)'"
            ),
            Self::PyPam => format!(
                "python3 -c 'import PAM
def answers(auth, query, data): return [(\"{password}\" if kind == PAM.PAM_PROMPT_ECHO_OFF else \"{user}\", 0) for _, kind in query]
auth = PAM.pam(); auth.start(\"login\"); auth.set_item(PAM.PAM_USER, \"{user}\"); auth.set_item(PAM.PAM_CONV, answers)
try: auth.authenticate(); auth.acct_mgmt(); print(\"in\")
except PAM.error as why: raise SystemExit(str(why))'"
            ),
            Self::Nginx => format!("curl -sS -f -u '{user}:{password}' http://127.0.0.1:8081/login/page"),
            Self::NginxSshd => format!("curl -sS -f -u '{user}:{password}' http://127.0.0.1:8081/sshd/page"),
            Self::ProFtpd => format!("curl -sS -u '{user}:{password}' ftp://127.0.0.1/"),
            Self::MariaDb | Self::MariaDbSshd => {
                format!("mariadb -h 127.0.0.1 -u '{user}' --password='{password}' -e 'select current_user()'")
            }
        }
    }
}

impl Machine {
    /// Starts the servers among [`Server`] that run all the time.
    #[track_caller]
    pub fn start_servers(&self) {
        self.must(&format!("bash -euc '{}'", START.replace('\'', r"'\''")));
    }

    /// Allows `user` to use [`Server::MariaDb`], with this PAM service.
    #[track_caller]
    pub fn has_database(&self, user: &str, service: &str) {
        self.must(&format!("mariadb -e \"CREATE OR REPLACE USER '{user}'@'%' IDENTIFIED VIA pam USING '{service}'\""));
    }

    /// Signs `user` in to one.
    pub fn uses(&self, server: Server, user: &str, password: &str) -> Output {
        self.run(&server.line(user, password))
    }
}
