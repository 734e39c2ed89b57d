# On a domain controller of Samba, as root.
sid=$(ldbsearch -H /var/lib/samba/private/sam.ldb -s base -b "SERVICE" objectSid | sed -n 's/^objectSid: //p')
user=bf967aba-0de6-11d0-a285-00aa003049e2
# Resets passwords; ends a lock after too many wrong ones.
samba-tool dsacl set --action=allow --objectdn="PEOPLE" \
    --sddl="(OA;CI;CR;00299570-246d-11d0-a768-00aa006e0529;$user;$sid)"
samba-tool dsacl set --action=allow --objectdn="PEOPLE" \
    --sddl="(OA;CI;RPWP;28630ebf-41d5-11d1-a9c1-0000f80367c1;$user;$sid)"
# On Microsoft's Active Directory, which was not tried:
#   dsacls "PEOPLE" /I:S /G "DOMAIN\sspr:CA;Reset Password;user" "DOMAIN\sspr:RPWP;lockoutTime;user"
