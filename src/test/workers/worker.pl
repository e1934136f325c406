#!/usr/bin/perl
# A complete worker in Perl: doubles numbers. See docs/worker-protocol.md.
use strict;
use warnings;
use JSON::PP;

my $json = JSON::PP->new->utf8->canonical->allow_nonref;
open(my $down, '<&', \*STDIN)  or die "stdin: $!";
open(my $up,   '>&', \*STDOUT) or die "stdout: $!";
open(STDIN,  '<',  '/dev/null');
open(STDOUT, '>&', \*STDERR);    # what the function prints cannot break a frame
open(my $page, '+<:raw', $ENV{MANYHANDS_CONTROL}) or die "control page: $!";
binmode($_) for $down, $up;

sub word { my ($at) = @_; sysseek($page, 8 * $at, 0); sysread($page, my $b, 8); unpack('q', $b) }
sub set_word { my ($at, $to) = @_; sysseek($page, 8 * $at, 0); syswrite($page, pack('q', $to)) }

sub receive {
    (read($down, my $length, 4) // 0) == 4 or exit 0;    # the service is gone or has no more work
    read($down, my $payload, unpack('N', $length));
    my ($header, $body) = split(/\n/, $payload, 2);
    return ($json->decode($header), $body);
}

sub send_up {
    my ($header, $body) = @_;
    my $payload = $json->encode($header) . (defined $body ? "\n$body" : '');
    my $frame = pack('N', length $payload) . $payload;
    while (length $frame) { substr($frame, 0, syswrite($up, $frame) // exit 0) = '' }
}

set_word(8, 0); set_word(9, -1);
send_up({op => 'ready', protocol => 1, runtime => "perl $^V"});
while (my ($header, $body) = receive()) {
    send_up({op => 'loaded'}) if $header->{op} eq 'load';
    next if $header->{op} ne 'chunk';
    my ($chunk, $first, @values, @errors, $back) = @$header{'chunk', 'first'};
    set_word(8, $chunk);
    for my $item (@{$json->decode($body)}) {
        my $index = $first + @values;
        set_word(9, $index);
        $back = word(1) && ($chunk <= word(2) || (word(3) && $chunk >= word(3)));
        last if $back;
        my $number = defined $item && $item =~ /^-?[\d.]+$/;
        push @values, $number ? 2 * $item : undef;
        push @errors, {index => $index, kind => 'ERROR', type => 'TypeError',
                       message => 'not a number'} if !$number;
    }
    set_word(9, -1);
    send_up({op => 'outcomes', chunk => $chunk, first => $first, count => scalar @values,
             last => $back ? JSON::PP::false : JSON::PP::true,
             run => 0, read => 0, write => 0, errors => \@errors}, $json->encode(\@values))
        if @values;
    send_up({op => 'returned', chunk => $chunk, first => $first + @values}) if $back;
    set_word(8, 0);
}
