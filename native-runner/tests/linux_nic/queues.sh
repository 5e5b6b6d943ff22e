# Several queues at once.
BYTES=2097152
sum() {
    echo "$(crc32 $1 | cut -d' ' -f1) $(stat -c %s $1)"
}
queues() {
    echo "queues $(ls -d /sys/class/net/eth0/queues/rx-* | wc -l)"
}

echo "== probe"
modprobe ixgbe && up
queues
# Each queue's interrupt to a processor of its own.
for q in 0 1 2 3; do
    irq=$(grep "eth0-TxRx-$q$" /proc/interrupts | cut -d: -f1)
    echo $q >/proc/irq/$((irq))/smp_affinity_list
done

echo "== flows"
flow() {
    wget -q -O /tmp/$1 http://10.0.0.1/bytes/$BYTES
    echo "$1 here: $(sum /tmp/$1)"
    echo "$1 back: $(nc 10.0.0.1 9 </tmp/$1)"
}
for f in $(seq 16); do
    flow $f &
done
wait

echo "== received"
ethtool -S eth0 | grep -E 'rx_queue_[0-3]_(packets|bytes)'

echo "== sampled"
# The driver's filters for what it sent, met by what came.
ethtool -S eth0 | grep fdir

echo "== steered"
# Filters of one's own: what comes from port 80 to one queue, then nowhere.
ethtool -K eth0 ntuple on
steer() {
    echo "rule: $(ethtool -N eth0 flow-type tcp4 src-ip 10.0.0.1 src-port 80 action $1 loc 5 2>&1)"
}
counts() {
    ethtool -S eth0 | grep -E 'rx_queue_[0-3]_packets|fdir_match'
}
steer 2
ethtool -n eth0 2>&1
for f in 1 2 3 4; do
    counts | sed 's/^ */before /'
    wget -q -O /tmp/file http://10.0.0.1/bytes/$BYTES
    counts | sed 's/^ */after /'
    echo "steered here: $(sum /tmp/file)"
done
steer -1
timeout 3 wget -q -O /dev/null http://10.0.0.1/bytes/1000 || echo "nothing comes from port 80"
ethtool -N eth0 delete 5
timeout 3 wget -q -O /dev/null http://10.0.0.1/bytes/1000 && echo "it comes again"
ethtool -K eth0 ntuple off

echo "== interrupts"
# Of each queue's row: the count at its own processor.
for q in 0 1 2 3; do
    set -- $(grep "eth0-TxRx-$q$" /proc/interrupts)
    shift
    eval "echo own \$$((q + 1))"
done
grep -E 'eth0|dmar' /proc/interrupts

echo "== two"
ethtool -L eth0 combined 2 2>&1
up
queues
wget -q -O /tmp/file http://10.0.0.1/bytes/1000001
echo "here: $(sum /tmp/file)"
echo "there: $(wget -q -O - http://10.0.0.1/sum)"
echo "back: $(nc 10.0.0.1 9 </tmp/file)"

echo "== dmesg"
dmesg

echo "== end"
poweroff -f
