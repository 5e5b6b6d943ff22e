#!/bin/sh
case "$1" in
bound | renew)
    echo "lease $ip/$mask from $serverid for $lease"
    ip addr add "$ip/$mask" dev "$interface"
    ;;
esac
