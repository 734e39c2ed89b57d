//! Why a modem sends nothing, in words that end a sentence about ModemManager or about one modem.

use super::Cause;

pub static NO_MODEM_MANAGER: Cause = Cause::new(
    "ModemManager isn't installed or doesn't start",
    "install it: apt install modemmanager, or dnf install ModemManager; then: systemctl enable --now ModemManager",
);
pub static NO_ANSWER: Cause = Cause::new("ModemManager doesn't answer", "see: journalctl -u ModemManager");
pub static NO_BUS: Cause = Cause::new("the system bus can't be reached", "is it running? try: systemctl status dbus");
pub static NO_MODEM: Cause = Cause::new(
    "ModemManager knows no modem",
    "is it plugged in, and does the system see it? try: mmcli -L. A modem takes up to a minute after it was plugged in",
);
pub static OTHER_MODEM: Cause = Cause::new(
    "no modem is the one that [phone.modem] device names",
    "is it plugged in? If it is another one now, correct [phone.modem] device, then: systemctl reload sspr-agent",
);
pub static SEVERAL: Cause = Cause::new(
    "there are several modems",
    "say which one: set [phone.modem] device to its IMEI, its port or its device, then: systemctl reload sspr-agent",
);
pub static NO_SIM: Cause = Cause::new("it has no SIM card", "put one in, then unplug the modem and plug it in again");
pub static BAD_SIM: Cause =
    Cause::new("its SIM card doesn't work", "does the card work in a telephone? Else ask the operator for another");
pub static NO_PROFILE: Cause =
    Cause::new("its eSIM has no profile", "download the operator's profile into it, or put in a SIM card");
pub static PIN: Cause = Cause::new(
    "its SIM card is locked by a PIN",
    "switch the PIN off, so that it also works after a restart: mmcli -i any --pin=PIN --disable-pin",
);
pub static PUK: Cause = Cause::new(
    "its SIM card is locked by a PUK, after too many wrong PINs",
    "the operator has the PUK; then: mmcli -i any --puk=PUK --pin=NEW-PIN",
);
pub static OTHER_LOCK: Cause = Cause::new(
    "it is locked by its maker or to another operator",
    "have it unlocked by whom it was bought from, or use another modem",
);
pub static STARTING: Cause =
    Cause::new("it is being set up by ModemManager", "wait a minute. If it stays so, see: journalctl -u ModemManager");
pub static FAILED: Cause = Cause::new("ModemManager can't use it", "see: journalctl -u ModemManager");
pub static OFF: Cause = Cause::new(
    "it is switched off in ModemManager",
    "switch it on: mmcli -m any --enable. The agent does so when there is a message, which then goes out late",
);
pub static STAYS_OFF: Cause = Cause::new(
    "ModemManager has it switched off, and doesn't let the agent switch it on",
    "switch it on: mmcli -m any --enable. So that the agent can, polkit must allow org.freedesktop.ModemManager1.Device.Control \
     for the user sspr: is it running, and is /usr/share/polkit-1/rules.d/org.pam_sspr.rules there?",
);
pub static NO_TEXTS: Cause = Cause::new("it can't send text messages", "use another modem");
pub static NO_NETWORK: Cause = Cause::new(
    "it is not registered in a network",
    "is its antenna connected, and is there reception? try: mmcli -m any",
);
pub static DENIED: Cause = Cause::new(
    "the network refuses its SIM card",
    "is the contract active, and may it be used in this network (roaming)? Ask the operator",
);
pub static BARRED: Cause = Cause::new(
    "its operator doesn't let it send text messages",
    "does the contract include text messages, and is there credit left? Ask the operator",
);
pub static NO_CENTRE: Cause = Cause::new(
    "its SIM card lacks the number of the message centre",
    "put the card into a telephone and set the number of the SMS centre that the operator gives",
);
pub static MEMORY: Cause = Cause::new(
    "its storage for messages is full",
    "delete what is in there: mmcli -m any --messaging-list-sms, then for each: mmcli -m any --messaging-delete-sms=PATH",
);
pub static GONE: Cause = Cause::new(
    "it was unplugged or restarted in the meantime",
    "is its plug or its power supply loose? see: journalctl -k",
);
pub static REFUSED: Cause = Cause::new(
    "it refused the message, or its network did",
    "send one by hand and see what it says: sspr admin test-phone NUMBER; journalctl -u ModemManager",
);
pub static NOT_FOR_US: Cause = Cause::new(
    "ModemManager doesn't let the agent send",
    "polkit must allow org.freedesktop.ModemManager1.Messaging for the user sspr: is it running, and is \
     /etc/polkit-1/rules.d/org.pam_sspr.rules there? to write it: sspr setup --phone modem",
);
pub static READABLE: Cause = Cause::new(
    "every user of this machine could read the codes in ModemManager, so nothing is sent",
    "include /usr/share/sspr/dbus/modem.conf in /etc/dbus-1/system-local.conf, as the guide says (A modem), then: \
     systemctl reload dbus",
);
pub static LATE: Cause = Cause::new(
    "it was not done in time, so that the message may have been sent",
    "see whether it arrives; it is not sent again by itself. Is the reception good? try: mmcli -m any",
);

pub(super) static ALL: [&Cause; 27] = [
    &NO_MODEM_MANAGER,
    &NO_ANSWER,
    &NO_BUS,
    &NO_MODEM,
    &OTHER_MODEM,
    &SEVERAL,
    &NO_SIM,
    &BAD_SIM,
    &NO_PROFILE,
    &PIN,
    &PUK,
    &OTHER_LOCK,
    &STARTING,
    &FAILED,
    &OFF,
    &STAYS_OFF,
    &NO_TEXTS,
    &NO_NETWORK,
    &DENIED,
    &BARRED,
    &NO_CENTRE,
    &MEMORY,
    &GONE,
    &REFUSED,
    &NOT_FOR_US,
    &READABLE,
    &LATE,
];
