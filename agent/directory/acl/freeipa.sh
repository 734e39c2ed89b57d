# Not tried on a real server. FreeIPA 4.13 or newer; sspr is the name in SERVICE.
ipa permission-add "sspr unlocks" --type=user --right=write --attrs=krbLastAdminUnlock
ipa privilege-add sspr
ipa privilege-add-permission sspr --permissions="System: Change User password" --permissions="sspr unlocks"
ipa role-add sspr
ipa role-add-privilege sspr --privileges=sspr
ipa role-add-member sspr --sysaccounts=sspr
