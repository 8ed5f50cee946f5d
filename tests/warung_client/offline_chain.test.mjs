// Envelopes: one text for one sale, each naming the one before, the same bytes as the engine reads.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inflateRawSync } from 'node:zlib';
import { canonical, fromBase64Url, sameBytes, sha256, toBase64Url, toHex, utf8 } from '../../warung_client/static/offline/bytes.js';
import { cardRef, readCardText } from '../../warung_client/static/offline/card_qr.js';
import { authorization, keyOf, makeKey, signWith } from '../../warung_client/static/offline/device.js';
import { EMPTY_CHAIN, follow, GENESIS, hashOf, makeBody, receiptText, seal } from '../../warung_client/static/offline/envelope.js';
import { signedByEngine } from '../../warung_client/static/offline/trust.js';

const SALE = {
  device: '01890000-0000-7000-8000-000000000001', alw: '01890000-0000-7000-8000-0000000000aa', purchaseId: '01890000-0000-7000-8000-0000000000bb',
  lines: [{ sku: 'BERAS-MEDIUM', quantity_milli: 5000, unit: 'kg', unit_price: 13400 }, { sku: 'TELUR-AYAM', quantity_milli: 500, unit: 'kg', unit_price: 28000 }],
  total: 81000, catalog: '2026-11-01', cashier: 'S1', wallMs: 1795000000123, monoMs: null, anchorMs: 1794990000000,
};
const AS_THE_ENGINE_WRITES = '{"alw":"01890000-0000-7000-8000-0000000000aa","anchor_ms":1794990000000,"auth":["KKS_QR","PIN"],"cashier":"S1","catalog":"2026-11-01",'
  + '"device":"01890000-0000-7000-8000-000000000001","lines":[["BERAS-MEDIUM",5000,"kg",13400],["TELUR-AYAM",500,"kg",28000]],"mono_ms":null,'
  + `"prev":"${'A'.repeat(43)}","purchase_id":"01890000-0000-7000-8000-0000000000bb","seq":1,"total":81000,"v":1,"wall_ms":1795000000123}`;

test('a body has the bytes and the hash that the engine makes of it', async () => {
  const body = makeBody(EMPTY_CHAIN, SALE);
  assert.equal(canonical(body), AS_THE_ENGINE_WRITES);
  assert.equal(await hashOf({ body, sig: 'B'.repeat(86) }), 'gmVHC6o6ZtxhDW4bBa5xiTg2RLr6pgCz3Hg9PGaMhj4');
});

test('canonical JSON is one text for one value, and refuses what has none', () => {
  assert.equal(canonical({ b: 'é\u2028\n"', a: [true, null, -5] }), '{"a":[true,null,-5],"b":"é\u2028\\n\\""}');
  [1.5, NaN, 2 ** 53, undefined, () => 1].forEach((value) => assert.throws(() => canonical({ value }), TypeError));
});

test('base64url comes back, and what is none is none', () => {
  const bytes = Uint8Array.from({ length: 20_000 }, (_, place) => place % 251);
  assert.ok(sameBytes(fromBase64Url(toBase64Url(bytes)), bytes));
  assert.equal(fromBase64Url('a+b/'), null);
  assert.ok(!sameBytes(Uint8Array.of(1), Uint8Array.of(2)));
  assert.ok(!sameBytes(Uint8Array.of(1), Uint8Array.of(1, 2)));
});

for (const algorithm of ['Ed25519', 'ES256']) {
  test(`a chain signed with ${algorithm} follows, and any change breaks it`, async () => {
    const key = await keyOf(algorithm);
    assert.equal(key.pair.privateKey.extractable, false);
    const envelopes = [];
    let chain = EMPTY_CHAIN;
    for (let made = 0; made < 3; made += 1) {
      const { envelope, text, hash } = await seal(makeBody(chain, SALE), (message) => signWith(key, message));
      assert.equal(text, canonical(envelope));
      assert.match(envelope.sig, /^[\w-]{86}$/);
      envelopes.push(envelope);
      chain = { seq: envelope.body.seq, head: hash };
    }
    assert.equal(envelopes[0].body.prev, GENESIS);
    assert.deepEqual(await follow(EMPTY_CHAIN, envelopes), chain);
    assert.equal(await follow(EMPTY_CHAIN, envelopes.slice(1)), null, 'a gap');
    const forged = structuredClone(envelopes);
    forged[1].body.total += 1;
    assert.equal(await follow(EMPTY_CHAIN, forged), null, 'altered');
    assert.equal(await follow(EMPTY_CHAIN, [envelopes[0], envelopes[2], envelopes[1]]), null, 'swapped');
  });
}

test('an envelope of fifty long lines is refused before it is stored', async () => {
  const line = { sku: 'X'.repeat(64), quantity_milli: 1000, unit: 'kg', unit_price: 13400 };
  const body = makeBody(EMPTY_CHAIN, { ...SALE, lines: Array(50).fill(line) });
  await assert.rejects(seal(body, async () => new Uint8Array(64)), RangeError);
});

test('the receipt holds the envelope itself', async () => {
  const { text } = await seal(makeBody(EMPTY_CHAIN, SALE), async () => new Uint8Array(64).fill(9));
  const paper = await receiptText(text);
  assert.ok(paper.startsWith('EWO1:'));
  assert.ok(paper.length < 800, `${paper.length} letters fit a QR of 58 mm`);
  assert.equal(inflateRawSync(fromBase64Url(paper.slice(5))).toString(), text);
});

test("a card's QR is read, anything else is not", async () => {
  const secret = toBase64Url(new Uint8Array(16).fill(7));
  const read = readCardText(` EWK1:AbCdEfGhIjKlMnOp:${secret}\n`);
  assert.equal(read.token, 'AbCdEfGhIjKlMnOp');
  assert.equal(read.secret.length, 16);
  assert.equal(await cardRef(read.token), 'e1u2Tfb4KCPefo1VuNvT7X');
  ['', 'EWK1:short:x', `EWK2:AbCdEfGhIjKlMnOp:${secret}`, '1234567890123456', `EWK1:AbCdEfGhIjKlMnOp:${secret}x`].forEach(
    (text) => assert.equal(readCardText(text), null),
  );
});

test('a request signed by the device covers path and body', async () => {
  const key = await makeKey();
  const header = await authorization({ device_id: 'D1', key, state: 'APPROVED', label: '' }, 'POST', '/v1/offline/batches', '{"a":1}');
  const [, device, at, nonce, sig] = /^Device ([\w-]+)\.(\d+)\.([\w-]{16})\.([\w-]{86})$/.exec(header);
  assert.equal(device, 'D1');
  const message = ['POST', '/v1/offline/batches', at, nonce, toHex(await sha256('{"a":1}'))].join('\n');
  const verified = await crypto.subtle.verify('Ed25519', key.pair.publicKey, fromBase64Url(sig), utf8(message));
  assert.ok(verified);
});

test('only what the engine signed with a known key is believed, also without Ed25519 in the browser', async (context) => {
  const pair = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify']);
  const publicKey = toBase64Url(await crypto.subtle.exportKey('raw', pair.publicKey));
  const signed = { v: 1, device: 'D1', seq: 3, head: 'h', at_ms: 5, kid: 'k1' };
  const sig = toBase64Url(await crypto.subtle.sign('Ed25519', pair.privateKey, utf8(canonical(signed))));
  const keys = [{ kid: 'k1', public_key: publicKey }];
  const believed = async () => [
    await signedByEngine(signed, sig, keys), await signedByEngine({ ...signed, seq: 4 }, sig, keys),
    await signedByEngine(signed, sig, [{ ...keys[0], kid: 'k2' }]), await signedByEngine(signed, 'x', keys), await signedByEngine(undefined, sig, keys),
  ];
  assert.deepEqual(await believed(), [true, false, false, false, false]);
  context.mock.method(crypto.subtle, 'importKey', async () => { throw new DOMException('no', 'NotSupportedError'); });
  assert.deepEqual(await believed(), [true, false, false, false, false]);
});
