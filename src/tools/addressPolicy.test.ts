import { expect, it } from 'vitest'
import { createAddressPolicy } from './addressPolicy.ts'

it.each([
  '0.0.0.0',
  '0.1.2.3',
  '10.0.0.1',
  '100.64.0.1',
  '127.0.0.1',
  '127.255.255.254',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.8',
  '192.0.2.1',
  '192.88.99.1',
  '192.168.0.1',
  '198.18.0.1',
  '198.51.100.1',
  '203.0.113.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::7f00:1',
  '::ffff:127.0.0.1',
  '::ffff:a9fe:a9fe',
  '::ffff:0:127.0.0.1',
  '64:ff9b::7f00:1',
  '64:ff9b:1::a9fe:a9fe',
  '100::1',
  '2001::1',
  '2001:db8::1',
  '2002:7f00:1::',
  '3fff::1',
  '4000::1',
  'fc00::1',
  'fd12:3456::1',
  'fe80::1',
  'fec0::1',
  'ff02::1',
  'nonsense',
  '',
])('refuses %s', (address) => {
  expect(createAddressPolicy([]).refuse(address)).toBeTypeOf('string')
})

it.each([
  '1.1.1.1',
  '8.8.8.8',
  '172.15.0.1',
  '172.32.0.1',
  '2606:4700::1111',
  '2a00:1450:4001::1',
  '::ffff:8.8.8.8',
])('allows %s', (address) => {
  expect(createAddressPolicy([]).refuse(address)).toBeUndefined()
})

it('allows what is named, and no more', () => {
  const policy = createAddressPolicy(['10.1.0.0/16', 'fd00:1::/32', '::ffff:192.168.7.0/120'])
  for (const address of ['10.1.2.3', '::ffff:10.1.2.3', 'fd00:1::5', '192.168.7.1']) {
    expect(policy.refuse(address)).toBeUndefined()
  }
  for (const address of ['10.2.0.1', 'fd00:2::5', '192.168.8.1', '127.0.0.1']) {
    expect(policy.refuse(address)).toBeTypeOf('string')
  }
})

it.each(['10.0.0.0', '10.0.0.0/33', 'localhost/8', 'everything'])('says that %s is not a range', (range) => {
  expect(() => createAddressPolicy([range])).toThrow(JSON.stringify(range))
})
