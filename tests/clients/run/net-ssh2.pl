use strict;
use warnings;
use Net::SSH2;

my $session = Net::SSH2->new();
$session->connect('127.0.0.1', $ENV{PORT}) or $session->die_with_error;
$session->auth(username => $ENV{NAME}, password => $ENV{PASSWORD}) or $session->die_with_error('not signed in');
my $channel = $session->channel() or $session->die_with_error;
$channel->exec('id -un') or $session->die_with_error;
print while <$channel>;
