# Begins each script in the guest; a section of what it says begins with a line "== NAME".
up() {
    ip link set eth0 up
    for i in $(seq 60); do
        [ "$(cat /sys/class/net/eth0/carrier 2>/dev/null)" = 1 ] && break
        sleep 0.1
    done
    ip addr add 10.0.0.2/24 dev eth0 2>/dev/null
    echo "carrier $(cat /sys/class/net/eth0/carrier) speed $(cat /sys/class/net/eth0/speed)"
}
