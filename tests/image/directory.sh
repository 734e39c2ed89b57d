#!/bin/sh
# Sets up a directory server on the image of its packages, unless that was done, and says which layers it is, the topmost first.
#   usage: directory.sh SUITE ds389|samba
# The domain is example.org (of Samba: ad.example.org), the administrator's password "Secret-of-the-service-1".
set -eu

here=$(dirname "$(realpath "$0")")
suite=$1 kind=$2
cache=${SSPR_TEST_CACHE:-/var/cache/sspr-tests}
# shellcheck disable=SC2046 # one package a word
base=$("$here/make.sh" "$suite" $(cat "$here/$kind"))
# What administrators are told to paste.
acl=$here/../../agent/directory/acl/ad.txt domain=DC=ad,DC=example,DC=org
name=$suite-$kind-$({ cat "$here/directory.sh" "$acl" && echo "$base"; } | sha256sum | cut -c -16)
layer=$cache/$name

exec 9>"$cache/$name.lock"
flock 9
if [ ! -e "$layer" ]; then
    unfinished=$layer.unfinished
    rm -rf "$unfinished"
    mkdir -p "$unfinished/upper" "$unfinished/work" "$unfinished/root"
    # shellcheck disable=SC2016 # for the shell inside
    case $kind in
        ds389)
            # What its tools ask of systemd, which is not there.
            setup='
                printf "%s\n" "#!/bin/sh" "case \"\$1\" in" \
                    "start) ns-slapd -D /etc/dirsrv/slapd-t -i /run/dirsrv/slapd-t.pid" \
                    "until grep -q \"slapd started\" /var/log/dirsrv/slapd-t/errors; do sleep 0.1; done ;;" \
                    "is-active) exec test -e /run/dirsrv/slapd-t.pid ;;" \
                    "stop) pid=\$(cat /run/dirsrv/slapd-t.pid); kill \$pid; while kill -0 \$pid; do sleep 0.1; done" \
                    "rm -f /run/dirsrv/slapd-t.pid; : >/var/log/dirsrv/slapd-t/errors ;;" "esac" >/tmp/bin/systemctl
                chmod 755 /tmp/bin/systemctl
                printf "%s\n" "[general]" "config_version = 2" "full_machine_name = localhost" "strict_host_checking = False" \
                    "selinux = False" "[slapd]" "instance_name = t" "root_password = Secret-of-the-service-1" "port = 40389" \
                    "secure_port = 40636" "[backend-userroot]" "suffix = dc=example,dc=org" "create_suffix_entry = True" >/tmp/ds.inf
                mkdir -p /run/dirsrv /run/lock/dirsrv/slapd-t
                chown -R dirsrv: /run/dirsrv /run/lock/dirsrv
                dscreate from-file /tmp/ds.inf || { tail /var/log/dirsrv/slapd-t/errors >&2; exit 1; }
                systemctl stop
                rm -f /tmp/ds.inf'
            ;;
        samba)
            setup='
                rm -f /etc/samba/smb.conf
                samba-tool domain provision --realm=AD.EXAMPLE.ORG --domain=EXAMPLE --server-role=dc --dns-backend=NONE \
                    --adminpass=Secret-of-the-service-1 --host-name=dc --host-ip=127.0.0.1 --option="interfaces = lo" \
                    --option="bind interfaces only = yes" --option="posix:eadb = /var/lib/samba/private/eadb.tdb"
                samba-tool ou create OU=People
                samba-tool user create reset Secret-of-the-service-1
                for name in alice bob dora; do
                    samba-tool user create "$name" Old-horse-battery-1 --userou=OU=People
                done
                for group in staff everybody others; do samba-tool group add "$group"; done
                samba-tool group addmembers staff alice
                samba-tool group addmembers everybody staff
                samba-tool group addmembers "Domain Admins" dora
                '"$(sed "s/SERVICE/CN=reset,CN=Users,$domain/g; s/PEOPLE/OU=People,$domain/g" "$acl")"'
                samba-tool domain passwordsettings set --account-lockout-threshold=3'
            ;;
        *)
            echo "directory.sh: ds389 or samba, not $kind" >&2
            exit 2
            ;;
    esac
    # shellcheck disable=SC2016 # for the shells inside
    unshare --mount --propagation=private --net --pid --fork --kill-child --mount-proc sh -euc '
        cd "$1"
        ip link set lo up
        mount -t overlay overlay -o "lowerdir=$2,upperdir=$1/upper,workdir=$1/work" root
        mount --rbind /dev root/dev
        mount -t tmpfs tmpfs root/dev/shm
        mount -t proc proc root/proc
        mount -t tmpfs tmpfs root/run
        mount -t tmpfs tmpfs root/tmp
        mkdir -p root/tmp/bin root/run/lock
        exec chroot root /usr/bin/env -i PATH=/tmp/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 sh -euc "$3"
    ' sh "$unfinished" "$base" "$setup" >&2
    rm -rf "$unfinished/work" "$unfinished/root"
    mv "$unfinished" "$layer"
fi
echo "$layer/upper:$base"
