#!/usr/bin/env bash
# OpenLDAP 2.5.13 (Debian 12's slapd 2.5.13+dfsg-5): an identity that has "read" without "search" on the pseudo-attribute "entry" of
# some entries gets each of them from a search of the subtree above, and "no such object" (32) from a search whose base is the very DN
# that the first one returned. The base of a search wants "search" on "entry", what is returned wants "read", and for a base below
# which nothing may be disclosed slapd answers as for one that is not there. So a program that lists users and then looks each up
# by its DN takes them all for deleted. With "search" as well, the same DN is found.
#
# Output seen:
#   subtree, read without search: uid=ada,ou=people,dc=example (code 0)
#   base of that DN, read without search: nothing (code 32)
#   base of that DN, read and search: uid=ada,ou=people,dc=example (code 0)
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
apt-get -o APT::Sandbox::User=root download -qq slapd=2.5.13+dfsg-5 ldap-utils=2.5.13+dfsg-5 libldap-2.5-0=2.5.13+dfsg-5 libwrap0 libodbc2 libltdl7 >/dev/null
for deb in ./*.deb; do dpkg-deb -x "$deb" root; done
LD_LIBRARY_PATH=$(echo root/usr/lib/*-linux-gnu root/lib/*-linux-gnu | tr " " :)
export LD_LIBRARY_PATH
mkdir data
cat >slapd.conf <<CONF
include root/etc/ldap/schema/core.schema
include root/etc/ldap/schema/cosine.schema
include root/etc/ldap/schema/inetorgperson.schema
modulepath root/usr/lib/ldap
moduleload back_mdb
database mdb
directory data
suffix dc=example
rootdn cn=root,dc=example
rootpw root
access to dn.children=ou=people,dc=example attrs=entry by dn.exact=cn=lists,dc=example =r by dn.exact=cn=looks,dc=example =rs by * none
access to attrs=userPassword by anonymous auth by * none
access to * by users =rs by anonymous auth by * none
CONF
cat >tree.ldif <<'LDIF'
dn: dc=example
objectClass: domain
dc: example

dn: ou=people,dc=example
objectClass: organizationalUnit
ou: people

dn: uid=ada,ou=people,dc=example
objectClass: inetOrgPerson
uid: ada
cn: Ada
sn: Ada

dn: cn=lists,dc=example
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: lists
userPassword: lists

dn: cn=looks,dc=example
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: looks
userPassword: looks
LDIF
root/usr/sbin/slapadd -f slapd.conf -l tree.ldif
root/usr/sbin/slapd -f slapd.conf -h "ldapi://${work//\//%2F}%2Fsocket" -d 0 &
server=$!
ask() { # WHO SCOPE BASE
    local code=0 said
    said=$(root/usr/bin/ldapsearch -LLL -x -H "ldapi://${work//\//%2F}%2Fsocket" -D "cn=$1,dc=example" -w "$1" -s "$2" -b "$3" \
        '(objectClass=inetOrgPerson)' 1.1 2>/dev/null) || code=$?
    said=$(sed -n 's/^dn: //p' <<<"$said")
    echo "${said:-nothing} (code $code)"
}
for _ in $(seq 100); do
    [ -S socket ] && break
    sleep 0.1
done
listed=$(ask lists sub ou=people,dc=example)
without=$(ask lists base uid=ada,ou=people,dc=example)
with=$(ask looks base uid=ada,ou=people,dc=example)
echo "subtree, read without search: $listed"
echo "base of that DN, read without search: $without"
echo "base of that DN, read and search: $with"
ada="uid=ada,ou=people,dc=example (code 0)"
[ "$listed" = "$ada" ] && [ "$without" = "nothing (code 32)" ] && [ "$with" = "$ada" ]
