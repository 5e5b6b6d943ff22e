/* A static program whose output the host's must equal, byte for byte. `suite [wide]`; `suite child N` is what
 * the part that runs programs runs. */
#include "suite.h"

int main(int count, char **arguments)
{
    if (count == 3 && !strcmp(arguments[1], "child"))
        return (atoi(arguments[2]) * 7 + 1) & 0x7f;
    int wide = count == 2 && !strcmp(arguments[1], "wide");
    setvbuf(stdout, NULL, _IOLBF, 4096);
    integer();
    floating();
    vectors(wide);
    strings();
    signals();
    threads();
    memory();
    processes(arguments[0]);
    printf("done\n");
    return 0;
}
