#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs, uses, upgrades and purges the packages of /packages in a Debian root without a compiler.  Each line of
# the output is a passed check; the first failure ends it.
set -eu

config=/etc/gatehouse/gatehouse.toml
key=sk-0123456789abcdef0123456789

pass() { echo "ok: $*"; }
die() { echo "FAILED: $*"; exit 1; }

install_debs() {
    apt-get install -y --no-install-recommends -o Dpkg::Options::=--force-confold "$@" >&2 || die "apt-get install $*"
}

# Every file outside of the caches and logs of the package manager.
snapshot() {
    find / -xdev \( -path /proc -o -path /run -o -path /dev -o -path /sys -o -path /packages -o -path /tmp -o -path /var/cache -o \
        -path /var/lib/apt -o -path /var/lib/dpkg -o -path /var/log/apt -o -path /var/log/dpkg.log -o -path /var/log/alternatives.log -o \
        -path /root -o -path /etc/ld.so.cache -o -path '/etc/*-' -o -path /var/lib/systemd \) -prune -o -print | sort
}

# The command of the unit, as its user and with the restrictions that need no systemd.
start() {
    command=$(sed -n 's/^ExecStart=//p' /lib/systemd/system/gatehouse.service)
    user=$(sed -n 's/^User=//p' /lib/systemd/system/gatehouse.service)
    mkdir -p /var/lib/gatehouse /var/log/gatehouse
    chown "$user:" /var/lib/gatehouse /var/log/gatehouse
    (umask 077 && exec env CONFIGURATION_DIRECTORY=/etc/gatehouse setpriv --reuid="$user" --regid="$user" --clear-groups \
        --no-new-privs --bounding-set=-all --inh-caps=-all sh -c "exec $command" > /tmp/gateway.log 2>&1) &
    gateway=$!
    tries=0
    until gatehouse health -c $config > /dev/null 2>&1; do
        tries=$((tries + 1))
        [ $tries -lt 300 ] || die "the gateway does not answer: $(cat /tmp/gateway.log)"
        sleep 0.2
    done
}

stop() {
    kill -TERM "$gateway"
    wait "$gateway" || die "the gateway ended with status $?"
}

# One turn as a client.
turn() {
    gatehouse connect opencode --key "${1:-none}" --model hello --file /tmp/opencode.json | grep '^asked hello: 200 OK' >&2 ||
        die "no answer: $(cat /tmp/gateway.log)"
}

apt-get update >&2
snapshot > /tmp/before
for tool in cc gcc g++ clang make ld; do ! command -v $tool > /dev/null || die "$tool is there"; done
pass "a Debian $(cat /etc/debian_version) without a compiler"

begin=$(date +%s)
install_debs /packages/old/*.deb
pass "installed $(dpkg-query -W -f '${Package} ${Version}, ' 'gatehouse*')in $(($(date +%s) - begin)) s"

[ "$(stat -c '%a %U:%G' $config)" = "640 root:gatehouse" ] || die "$(stat -c '%a %U:%G' $config)"
gatehouse check -c $config >&2 || die "the shipped configuration has mistakes"
gatehouse plugins > /tmp/plugins
! grep -i refused /tmp/plugins >&2 || die "a plugin is refused"
for name in store/sqlite store/redis provider/oci; do
    ls /usr/lib/*/gatehouse/plugins/$name.so > /dev/null || die "$name is missing"
done
pass "check accepts the shipped configuration, and all plugins are loaded"

start
turn
stop
pass "first answer from the shipped configuration, by the unit's command as $user"

gatehouse init demo --set key=$key --replace -o $config >&2
[ "$(stat -c '%a %U:%G' $config)" = "640 root:gatehouse" ] || die "init changed the mode: $(stat -c '%a %U:%G' $config)"
start
! gatehouse connect opencode --key sk-wrong --model hello --file /tmp/opencode.json > /dev/null 2>&1 || die "a wrong key is accepted"
turn $key
pass "first answer from the configuration of gatehouse init, with its key only"

cp $config /tmp/mine
i=0
(while [ ! -f /tmp/upgraded ]; do turn $key; i=$((i + 1)); echo $i > /tmp/turns; done) &
turns=$!
install_debs /packages/new/*.deb
touch /tmp/upgraded
wait $turns || die "a turn failed during the upgrade"
cmp -s $config /tmp/mine || die "the upgrade changed the configuration"
[ -f $config.dpkg-dist ] || die "the new version of the configuration is not beside it"
gatehouse version >&2
stop
start
turn $key
pass "upgraded to $(dpkg-query -W -f '${Version}' gatehouse) during $(cat /tmp/turns) turns, the configuration is kept"

stop
apt-get remove -y 'gatehouse*' >&2
[ ! -e /usr/bin/gatehouse ] || die "the program is still there"
cmp -s $config /tmp/mine || die "removing lost the configuration"
pass "removed; the configuration is kept"

echo '{}' > /var/lib/gatehouse/state
apt-get purge -y 'gatehouse*' >&2
apt-get autoremove --purge -y >&2
! getent passwd gatehouse > /dev/null || die "the user is still there"
! getent group gatehouse > /dev/null || die "the group is still there"
snapshot > /tmp/after
diff /tmp/before /tmp/after || die "files are left, or are missing"
pass "purged: no file, user or group is left"
