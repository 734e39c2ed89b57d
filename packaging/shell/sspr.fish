# Like /etc/profile.d/sspr.sh, for fish: one line, at most once a day, that "sspr enroll" registers.
if status is-interactive; and isatty stdin; and isatty stdout; and test -x /usr/bin/sspr
    begin
        # HOME may be another user's: only sspr reads it, and it follows no link and waits for nothing.
        if test (id -u) -ge 1000
            # If nobody has switched the service on, nothing is asked and nothing is written.
            and cat /etc/sspr/sspr.toml /etc/sspr/sspr.toml.d/* | grep -qs '^[[:space:]]*enable[[:space:]]*='
            timeout 1 /usr/bin/sspr hint
        end
    end 2>/dev/null
    or true
end
