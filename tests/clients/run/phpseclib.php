<?php
error_reporting(E_ALL & ~E_DEPRECATED);
set_include_path('/usr/share/php');
require 'Net/SSH2.php';

$session = new Net_SSH2('127.0.0.1', (int) getenv('PORT'));
if (!$session->login(getenv('NAME'), getenv('PASSWORD'))) {
    fwrite(STDERR, "not signed in\n");
    exit(1);
}
echo $session->exec('id -un');
