#!/bin/sh
# The one list of installed files, for `make install DESTDIR=` and for all packages.
#   usage: install.sh debian|rpm PROGRAMS MODULE PAGES DESTDIR [PACKAGE]
# PROGRAMS is the directory of the programs; PAGES has man/ and completions/. With PACKAGE (sspr, sspr-directory,
# sspr-server or cockpit-sspr), only the files of that package are laid out. With STRIP=--strip, the programs are
# stripped, for builds that did not do so.
set -eu

family=$1 programs=$2 module=$3 pages=$4 root=$5 package=${6:-all}
umask 022

# put MODE FROM TO: a TO that ends in / is a directory.
put() {
    case $3 in
        */) install -D -m "$1" -t "$root/$3" "$2" ;;
        *) install -D -m "$1" "$2" "$root/$3" ;;
    esac
}

program() { install -D ${STRIP:+"$STRIP"} -m "$1" -T "$2" "$root/$3"; }

# For users of a directory.
directory() {
    # Only root can read it, so no other user's debugger can attach to it.
    program 711 "$programs/sspr-directory"                      usr/libexec/sspr/sspr-directory
    put 644 packaging/dbus/org.pam_sspr.Directory1.conf         usr/share/dbus-1/system.d/
    put 644 packaging/dbus/org.pam_sspr.Directory1.service      usr/share/dbus-1/system-services/
    put 644 packaging/systemd/sspr-directory.service            usr/lib/systemd/system/
    put 644 packaging/systemd/sysusers-directory.conf           usr/lib/sysusers.d/sspr-directory.conf
    page sspr-directory
    put 644 docs/directories.md                                 usr/share/doc/sspr-directory/
    [ "$family" != debian ] || put 644 packaging/apparmor/sspr-directory etc/apparmor.d/
    papers sspr-directory directory
}

# For the server of a fleet, whose program is that of sspr.
server() {
    put 644 packaging/server/limits.conf                        usr/lib/systemd/system/sspr-agent.service.d/sspr-server.conf
    put 644 packaging/server/firewalld.xml                      usr/lib/firewalld/services/sspr-server.xml
    [ "$family" != debian ] || put 644 packaging/server/ufw     etc/ufw/applications.d/sspr-server
    page sspr-server
    papers sspr-server server
}

# A manual page of administrators, written by hand.
page() {
    install -d "$root/usr/share/man/man8"
    gzip -9nc "packaging/man/$1.8"                              >"$root/usr/share/man/man8/$1.8.gz"
    chmod 644 "$root/usr/share/man/man8/$1.8.gz"
}

# The files of a package in /usr/share/doc and beside it, whatever else is in it: $1 is its name, $2 the folder of its
# overrides.
papers() {
    case $family in
        debian)
            put 644 packaging/debian/copyright                  "usr/share/doc/$1/"
            put 644 packaging/debian/changelog                  "usr/share/doc/$1/changelog.Debian"
            install -D -m 644 -T CHANGELOG.md                   "$root/usr/share/doc/$1/changelog"
            gzip -9nf "$root/usr/share/doc/$1/changelog.Debian" "$root/usr/share/doc/$1/changelog"
            put 644 "packaging/debian/$2/lintian-overrides"     "usr/share/lintian/overrides/$1"
            ;;
        rpm)
            put 644 LICENSE-MIT                                 "usr/share/licenses/$1/"
            put 644 LICENSE-APACHE                              "usr/share/licenses/$1/"
            ;;
    esac
}

# The page for administrators in Cockpit.
cockpit() {
    for file in manifest.json index.html sspr.css; do
        put 644 "packaging/cockpit/$file"                       usr/share/cockpit/sspr/
    done
    for file in packaging/cockpit/*.js; do
        put 644 "$file"                                         usr/share/cockpit/sspr/
    done
    for file in packaging/cockpit/texts/*.json; do
        put 644 "$file"                                         usr/share/cockpit/sspr/texts/
    done
    # The page's name in Cockpit's menu, in Cockpit's languages: once for each of the ways in which its versions look
    # for it.
    for language in cs de es "fi" fr it ja ko nb:nb_NO nl pl pt-BR:pt_BR ru sv tr uk zh-Hans:zh_CN zh-Hant:zh_TW; do
        text=packaging/cockpit/texts/${language%:*}.json name=${language#*:}
        title=$(sed -n 's/^ *"title": "\([^"]*\)",$/\1/p' "$text")
        for kind in po po.manifest; do
            printf 'cockpit.locale({"":{"language":"%s"},"Password reset":[null,"%s"]});\n' "$name" "$title" \
                >"$root/usr/share/cockpit/sspr/$kind.$name.js"
        done
    done
    [ "$family" != rpm ] || put 644 CHANGELOG.md usr/share/doc/cockpit-sspr/
    papers cockpit-sspr cockpit
}

case $package in
    sspr) ;;
    all)
        directory
        server
        cockpit
        ;;
    sspr-directory)
        directory
        exit 0
        ;;
    sspr-server)
        server
        exit 0
        ;;
    cockpit-sspr)
        cockpit
        exit 0
        ;;
    *)
        echo "install.sh: sspr, sspr-directory, sspr-server or cockpit-sspr, not $package" >&2
        exit 2
        ;;
esac

program 755 "$programs/sspr-agent"                          usr/libexec/sspr/sspr-agent
# Only root can read it, so no other user's debugger can attach to it, not even at its first instruction.
program 711 "$programs/sspr-credential"                     usr/libexec/sspr/sspr-credential
program 755 "$programs/sspr"                                usr/bin/sspr

put 644 config/sspr.toml                                    etc/sspr/
put 644 packaging/shell/sspr.sh                             etc/profile.d/
put 644 packaging/shell/sspr.fish                           usr/share/fish/vendor_conf.d/
put 755 packaging/shadow-maint/userdel-post                 etc/shadow-maint/userdel-post.d/sspr
put 644 packaging/dbus/org.pam_sspr.conf                    usr/share/dbus-1/system.d/
put 644 packaging/dbus/org.pam_sspr.Credential1.service     usr/share/dbus-1/system-services/
# Not in effect by themselves: they are for machines with a modem, see there.
put 644 packaging/dbus/modem.conf                           usr/share/sspr/dbus/
put 644 packaging/polkit/org.pam_sspr.rules                 usr/share/sspr/polkit/
put 644 packaging/systemd/sspr-agent.service                usr/lib/systemd/system/
put 644 packaging/systemd/sspr-credential.service           usr/lib/systemd/system/
# Shipped, and off.
put 644 packaging/systemd/sspr-metrics.service              usr/lib/systemd/system/
put 644 packaging/systemd/sspr-metrics.timer                usr/lib/systemd/system/
put 644 packaging/systemd/sysusers.conf                     usr/lib/sysusers.d/sspr.conf
put 644 packaging/systemd/tmpfiles.conf                     usr/lib/tmpfiles.d/sspr.conf
for file in packaging/ansible/roles/sspr/README.md packaging/ansible/roles/sspr/*/*.yml packaging/ansible/roles/sspr/*/*.py; do
    directory=${file%/*}
    put 644 "$file"                                         "usr/share/sspr/${directory#packaging/}/"
done
put 644 packaging/sshd/10-sspr.conf                         usr/share/sspr/sshd_config.d/

for page in "$pages"/man/man[158]/*.gz; do
    section=${page%.gz}
    put 644 "$page"                                         "usr/share/man/man${section##*.}/"
done
put 644 "$pages/completions/sspr.bash"                      usr/share/bash-completion/completions/sspr
put 644 "$pages/completions/sspr.fish"                      usr/share/fish/vendor_completions.d/

put 644 README.md                                           usr/share/doc/sspr/
put 644 docs/administrators-guide.md                        usr/share/doc/sspr/
put 644 docs/fleet.md                                       usr/share/doc/sspr/
put 644 docs/postgresql.md                                  usr/share/doc/sspr/
put 644 docs/security.md                                    usr/share/doc/sspr/
put 644 config/sspr.toml                                    usr/share/doc/sspr/

case $family in
    debian)
        program 644 "$module"                              "usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH)/security/pam_sspr.so"
        put 644 packaging/pam/sspr                          etc/pam.d/
        put 644 packaging/pam/profile                       usr/share/pam-configs/sspr
        put 644 packaging/apparmor/sspr-agent               etc/apparmor.d/
        put 644 packaging/apparmor/sspr-credential          etc/apparmor.d/
        put 644 "$pages/completions/_sspr"                  usr/share/zsh/vendor-completions/
        put 644 packaging/debian/copyright                  usr/share/doc/sspr/
        put 644 packaging/debian/changelog                  usr/share/doc/sspr/changelog.Debian
        put 644 packaging/debian/NEWS                       usr/share/doc/sspr/NEWS.Debian
        # Debian requires this name.
        install -D -m 644 -T CHANGELOG.md                   "$root/usr/share/doc/sspr/changelog"
        for file in changelog.Debian NEWS.Debian changelog; do
            gzip -9nf "$root/usr/share/doc/sspr/$file"
        done
        put 644 packaging/debian/lintian-overrides          usr/share/lintian/overrides/sspr
        ;;
    rpm)
        # Executable; otherwise rpm does not look for its dependencies.
        program 755 "$module"                              usr/lib64/security/pam_sspr.so
        put 644 packaging/rpm/pam-sspr                      etc/pam.d/sspr
        put 755 packaging/rpm/pam-wiring                    usr/libexec/sspr/
        put 644 CHANGELOG.md                                usr/share/doc/sspr/
        for file in packaging/selinux/*; do
            put 644 "$file"                                 usr/share/sspr/selinux/
        done
        put 644 "$pages/completions/_sspr"                  usr/share/zsh/site-functions/
        put 644 LICENSE-MIT                                 usr/share/licenses/sspr/
        put 644 LICENSE-APACHE                              usr/share/licenses/sspr/
        ;;
    *)
        echo "install.sh: debian or rpm, not $family" >&2
        exit 2
        ;;
esac
