import { describe } from 'vitest';

import { script } from './support/script.ts';
import { bad } from './support/tools.ts';

describe('BlockList', () => {
  script('addresses, ranges, subnets', (net, tools) => {
    const list = new net.BlockList();
    tools.call('addAddress', () => {
      list.addAddress('1.1.1.1');
    });
    tools.call('addAddress', () => {
      list.addAddress('8592:757c:efae:4e45:fb5d:d62a:0d00:8e17', 'ipv6');
    });
    tools.call('addRange', () => {
      list.addRange('10.0.0.1', '10.0.0.10');
    });
    tools.call('addSubnet', () => {
      list.addSubnet('8592:757c:efae:4e45::', 64, 'ipv6');
    });
    tools.note('rules', list.rules);
    for (const [address, family] of [
      ['1.1.1.1', 'ipv4'],
      ['1.1.1.2', 'ipv4'],
      ['10.0.0.5', 'ipv4'],
      ['10.0.0.11', 'IPv4'],
      ['::ffff:a00:5', 'ipv6'],
      ['::ffff:1.1.1.1', 'IPV6'],
      ['8592:757c:efae:4e45:fb5d:d62a:0d00:8e17', 'ipv6'],
      ['8592:757c:efae:4f45::', 'ipv6'],
      ['nonsense', 'ipv4'],
    ] as const) {
      tools.call(`check ${address}`, () => list.check(address, bad(family)));
    }
  });

  script('wrong input', (net, tools) => {
    const list = new net.BlockList();
    for (const value of [1, [], {}, null, undefined, true, 'x']) {
      tools.call('addAddress', () => {
        list.addAddress(bad(value));
      });
      tools.call('addRange', () => {
        list.addRange(bad(value), '1.1.1.1');
      });
      tools.call('addRange', () => {
        list.addRange('1.1.1.1', bad(value));
      });
      tools.call('addSubnet', () => {
        list.addSubnet(bad(value), 1);
      });
      tools.call('addSubnet', () => {
        list.addSubnet('1.1.1.1', bad(value));
      });
      tools.call('check', () => list.check(bad(value)));
      tools.call('family', () => {
        list.addAddress('1.1.1.1', bad(value));
      });
    }
    for (const prefix of [-1, 33, NaN, 1.5]) {
      tools.call('prefix', () => {
        list.addSubnet('1.1.1.1', prefix);
      });
    }
    tools.call('range the wrong way', () => {
      list.addRange('1.1.1.2', '1.1.1.1');
    });
    tools.note('rules', list.rules);
  });

  script('a structured clone shares the rules', (net, tools) => {
    const list = new net.BlockList();
    const { port1, port2 } = new MessageChannel();
    list.addAddress('1.1.1.1');
    tools.note(
      'isBlockList',
      (net.BlockList as unknown as { isBlockList?: (v: unknown) => boolean }).isBlockList?.(list),
    );
    port1.close();
    port2.close();
    tools.note('instance', list instanceof net.BlockList);
  });

  script('it takes a SocketAddress', (net, tools) => {
    const list = new net.BlockList();
    const address = new net.SocketAddress({ address: '1.1.1.1' });
    list.addAddress(address);
    tools.note('check', list.check(address), list.rules);
  });
});

describe('SocketAddress', () => {
  script('defaults and values', (net, tools) => {
    for (const options of [
      undefined,
      {},
      { family: 'ipv6' },
      { address: '1.2.3.4', port: 80 },
      { address: '::1', family: 'ipv6', flowlabel: 5, port: 1 },
      { family: 'IPv6' },
    ]) {
      const address = tools.call('new', () => new net.SocketAddress(options as never)) as unknown as object;
      if (address !== undefined) tools.read(address, 'address', 'port', 'family', 'flowlabel');
    }
  });

  script('wrong input', (net, tools) => {
    for (const options of [
      1,
      'x',
      true,
      null,
      { family: 'x' },
      { family: 1 },
      { address: 1 },
      { address: 'x' },
      { port: -1 },
      { port: 'x' },
      { port: 65_536 },
      { flowlabel: -1 },
      { flowlabel: 'x' },
      { flowlabel: 2 ** 32 },
    ]) {
      tools.call('new', () => new net.SocketAddress(bad(options)));
    }
  });

  script('parse', (net, tools) => {
    const parse = (net.SocketAddress as unknown as { parse?: (text: string) => unknown }).parse;
    tools.note('there', typeof parse);
    if (parse === undefined) return;
    for (const input of ['1.2.3.4', '1.2.3.4:5', '[::1]:5', '::1', 'x', '']) {
      tools.call(`parse ${input}`, () => parse.call(net.SocketAddress, input));
    }
  });
});
