# Plain Python 3.6 or newer, and nothing that the managed host does not have.
"""Writes a drop-in of sspr's settings through the product's own validator."""

DOCUMENTATION = r"""
---
module: sspr_settings
short_description: Settings of self-service password reset
description:
  - Writes a drop-in beside /etc/sspr/sspr.toml by C(sspr config write), which refuses settings that can't stand, and takes them back
    if the agent can't use them.
options:
  path:
    description: The drop-in. It is this module's alone.
    type: path
    default: /etc/sspr/sspr.toml.d/60-ansible.toml
  enable:
    description: Who can use the service, C(none), C(all) or a list of groups. Left out, the drop-in says nothing of it.
    type: raw
  settings:
    description: More settings, a dictionary for each section.
    type: dict
    default: {}
  secrets_pending:
    description: With C(--check), files that the settings name would have been written before; that they are missing is no fault.
    type: bool
    default: false
"""

EXAMPLES = r"""
- sspr_settings:
    enable: [staff]
    settings:
      helpdesk:
        group: helpdesk
"""

RETURN = r"""
warnings:
  description: What sspr finds odd about the settings.
  type: list
  returned: always
"""

import io
import json
import os

from ansible.module_utils.basic import AnsibleModule

HEAD = "# Written by Ansible; changes here are lost.\n"


def toml(value):
    """A value as TOML has it. Strings and keys of JSON are strings and quoted keys of TOML, but for DEL."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, list):
        return "[" + ", ".join(toml(item) for item in value) + "]"
    if isinstance(value, dict):
        pairs = ["%s = %s" % (toml(str(key)), toml(item)) for key, item in sorted(value.items()) if item is not None]
        return "{ " + ", ".join(pairs) + " }" if pairs else "{}"
    raise ValueError("%r is nothing that settings can have" % (value,))


def sections(settings):
    """The text of the file. A key without a value (null) is left out."""
    text = ""
    for section in sorted(settings):
        keys = settings[section]
        if not isinstance(keys, dict):
            raise ValueError("settings: %s is a section and needs keys" % section)
        keys = {key: value for key, value in keys.items() if value is not None}
        if not keys:
            continue
        text += "\n[%s]\n" % ".".join(toml(part) if not bare(part) else part for part in section.split("."))
        for key in sorted(keys):
            text += "%s = %s\n" % (key if bare(key) else toml(key), toml(keys[key]))
    return text


def bare(key):
    return key != "" and all(ord(c) < 128 and (c.isalnum() or c in "_-") for c in key)


def wanted(enable, settings):
    """The file as it is to be; empty if there is nothing to say."""
    settings = {section: keys for section, keys in settings.items() if keys is not None}
    if enable not in (None, "", []):
        if isinstance(enable, str) and enable not in ("none", "all"):
            enable = [enable]
        settings["scope"] = dict(settings.get("scope", {}), enable=enable)
    text = sections(settings)
    return HEAD + text if text else ""


def read(path):
    try:
        with io.open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def main():
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "default": "/etc/sspr/sspr.toml.d/60-ansible.toml"},
            "enable": {"type": "raw"},
            "settings": {"type": "dict", "default": {}},
            "secrets_pending": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    path = module.params["path"]
    try:
        before, after = read(path), wanted(module.params["enable"], module.params["settings"] or {})
    except (ValueError, OSError, UnicodeError) as why:
        module.fail_json(msg=str(why))
    diff = {"before": before, "after": after, "before_header": path, "after_header": path}
    program = module.get_bin_path("sspr")
    if program is None:
        if module.check_mode:
            # The play would have installed it.
            module.exit_json(changed=before != after, diff=diff)
        module.fail_json(msg="sspr is not installed on this host")
    command = [program, "config", "write"] + (["--dry-run"] if module.check_mode else []) + [path]
    code, out, err = module.run_command(command, data=json.dumps({"before": before, "after": after}))
    try:
        outcome = json.loads(out)
    except ValueError:
        module.fail_json(msg=(err or out).strip() or "sspr config write ended with %d" % code)
    for warning in outcome.get("warnings", []):
        module.warn(warning)
    if outcome.get("error") and module.check_mode and module.params["secrets_pending"]:
        module.warn("not checked to the end, as secrets are not written with --check: %s" % outcome["error"])
        module.exit_json(changed=before != after, diff=diff)
    if outcome.get("error"):
        module.fail_json(msg=outcome["error"], diff=diff)
    if outcome.get("changed_meanwhile"):
        module.fail_json(msg="%s was changed by somebody else at the same moment; run it again" % path)
    module.exit_json(changed=bool(outcome.get("changed", before != after)), diff=diff)


if __name__ == "__main__":
    main()
