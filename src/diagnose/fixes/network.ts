/** The network: no line in a configuration fixes it, but these show that it is the cause. */
import type { ComponentFixes } from './fix.ts';

export const network: ComponentFixes = {
  component: 'network',
  obeysHeaders: false,
  remedies: {
    packet_loss: [
      {
        title: 'confirm that packets are lost',
        where:
          "a shell on the server, before and after a stream (Linux); $CLIENT is the client's address",
        paste:
          'nstat -az TcpRetransSegs TcpExtTCPLostRetransmit TcpExtTCPTimeouts\nss -tin dst "$CLIENT"',
        why: 'Counters that rise with each pause are lost packets. A lost packet holds back all later ones for about a round trip; a retransmission that is lost too, for 200 ms and more.',
      },
    ],
    paced_by_round_trip: [
      {
        title: 'see whether small packets wait for acknowledgements',
        where: 'a shell on the server while a stream runs (Linux)',
        paste: 'ss -tino state established "( sport = :443 or sport = :80 )"',
        why: 'notsent above 0 with little unacked is data that waits in the kernel though the network is free: Nagle or a cork.',
      },
    ],
    cut_when_idle: [
      {
        title: 'keep the connection alive for firewalls and NAT',
        where:
          'a shell on the server (Linux), if the application sets SO_KEEPALIVE; for good, in /etc/sysctl.d/',
        paste:
          'sysctl -w net.ipv4.tcp_keepalive_time=60 net.ipv4.tcp_keepalive_intvl=15 net.ipv4.tcp_keepalive_probes=4',
        why: 'Network load balancers and NAT gateways forget connections that are silent for 350 s (AWS) or 4 min (Azure). Keep-alive packets count there, but not at HTTP proxies.',
      },
    ],
  },
};
