# All that the card, its driver and KVM are asked.
D=0000:00:03.0
BYTES=67108864
alias ping='ping -i 0.2 -W 2'
answers() {
    ping -c 2 10.0.0.1 | grep received
}
transfer() {
    wget -q -O /tmp/file http://10.0.0.1/bytes/$1
    echo "here: $(crc32 /tmp/file | cut -d' ' -f1) $(stat -c %s /tmp/file)"
    echo "there: $(wget -q -O - http://10.0.0.1/sum)"
    echo "back: $(nc 10.0.0.1 9 </tmp/file)"
}

echo "== probe"
modprobe ixgbe && up
ip addr flush dev eth0

echo "== lease"
udhcpc -i eth0 -n -q -t 5 -T 2 -s /etc/udhcpc.script 2>&1
ping -c 3 10.0.0.1 | grep received

echo "== transfer"
transfer $BYTES

echo "== module"
ethtool -m eth0

echo "== settings"
ethtool eth0
ethtool -i eth0

echo "== statistics"
ethtool -S eth0 | grep -v ': 0$'

echo "== without offloads"
ethtool -K eth0 rx off tx off tso off gso off gro off
transfer 100001
ethtool -K eth0 rx on tx on tso on gso on gro on

echo "== vlan"
modprobe 8021q
ip link add link eth0 name eth0.5 type vlan id 5
ip link set eth0.5 up
ip addr flush dev eth0
ip addr add 10.0.0.2/24 dev eth0.5
answers
transfer 1000001
echo "hardware: $(ethtool -k eth0 | grep -c 'vlan-\(offload\|filter\): on')"
ip link del eth0.5
ip addr add 10.0.0.2/24 dev eth0

echo "== self-test"
ethtool -t eth0 offline

echo "== link"
ip link set eth0 down
sleep 0.2
up
answers

echo "== unbind"
echo $D >/sys/bus/pci/drivers/ixgbe/unbind
ls /sys/class/net
echo $D >/sys/bus/pci/drivers/ixgbe/bind
up
answers

echo "== reset"
cat /sys/bus/pci/devices/$D/reset_method
ip link set eth0 down
echo 1 >/sys/bus/pci/devices/$D/reset
up
answers
echo $D >/sys/bus/pci/drivers/ixgbe/unbind
echo 1 >/sys/bus/pci/devices/$D/reset
echo $D >/sys/bus/pci/drivers/ixgbe/bind
up
answers

echo "== kvm"
grep -o -w -m 1 vmx /proc/cpuinfo
modprobe kvm_intel && ls /dev/kvm
cd /sys/module/kvm_intel/parameters && grep . ept vpid unrestricted_guest eptad vnmi preemption_timer
cd /

echo "== machine check"
ls /sys/devices/system/machinecheck/machinecheck0

echo "== interrupts"
grep -E 'eth0|dmar' /proc/interrupts

echo "== dmesg"
dmesg

# The driver does not know of a reset under its feet: its watchdog finds out, after five seconds.
echo "== reset while up"
echo 1 >/sys/bus/pci/devices/$D/reset
ping -c 1 10.0.0.1 >/dev/null
sleep 8
up
answers

echo "== dmesg after"
dmesg

echo "== end"
poweroff -f
