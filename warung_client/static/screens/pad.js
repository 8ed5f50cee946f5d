// The keypad of a good: unit, quantity and price, with the lawful maximum always in sight.

import { highestLawfulPrice, judgePrice, unitOf, unitsOf } from '../ceiling.js';
import { QUANTITY_MILLI_MAX } from '../cart.js';
import { Keypad } from '../keypad.js';
import { lineTotal, quantity, rupiah } from '../money.js';
import { Heading, Key, Picture, Sign } from '../parts.js';
import { priceKey } from '../selling/prices.js';
import { COMMA, milli, press, tidy } from '../typing.js';
import { html, useLayoutEffect, useRef, useState } from '../view.js';
import { ceilingWord, MARKET_PRICE, unitName } from '../words.js';
import { CASH_APART } from '../words/selling.js';

const QUICK_QUANTITIES = ['1', '2', '5', '10'];
const QUICK_PARTS = ['0,25', '0,5', '1', '2', '5'];
const PARTS = { '0,25': '\u00bc', '0,5': '\u00bd' };
const LIMITS = { quantity: { digitsMax: 6, comma: true }, price: { digitsMax: 8 } };

/** @param {any} props */
export function Pad({ pad: { good, line, pack, aside }, prices, act }) {
  const self = useRef(null);
  const remembered = (code) => String(prices[priceKey({ sku: good.sku, unit: code, gtin: pack?.gtin })] ?? '');
  const [unitCode, setUnitCode] = useState(line?.unit ?? pack?.unit.code ?? good.base_unit);
  const [text, setText] = useState({
    quantity: line ? quantity(line.quantityMilli).replaceAll('.', '') : '1',
    price: String(line?.unitPrice ?? remembered(unitCode)),
  });
  const [field, setField] = useState(pack && !line && !text.price ? 'price' : 'quantity');
  const fresh = useRef(true); // the first digit replaces what was proposed
  const unit = pack?.unit ?? unitOf(good, unitCode);
  const [quantityMilli, unitPrice] = [milli(text.quantity), Number(text.price || '0')];
  const judgement = aside ? 'FINE' : judgePrice(good, unit, unitPrice);
  const complete = quantityMilli > 0 && quantityMilli <= QUANTITY_MILLI_MAX && unitPrice > 0;

  function pressed(key) {
    const limits = { ...LIMITS[field], ...(unit.whole && { comma: false }) };
    const first = fresh.current;
    fresh.current = false;
    setText((old) => ({ ...old, [field]: tidy(press(first ? '' : old[field], key, limits)) }));
  }
  function choose(name) { setField(name); fresh.current = true; }
  function chooseUnit(code) {
    setUnitCode(code);
    setText((old) => ({ quantity: unitOf(good, code).whole ? old.quantity.split(COMMA)[0] || '1' : old.quantity, price: remembered(code) }));
    fresh.current = true;
  }
  const name = pack?.name ?? good.name;
  const put = () => act.putLine({
    sku: good.sku, name, unit: unit.code, quantityMilli, unitPrice, ...(pack && { gtin: pack.gtin, pack: pack.unit }),
  }, judgePrice(good, unit, unitPrice) !== 'ABOVE_CEILING');
  const askPrice = field === 'quantity' && !text.price;
  const ready = complete && judgement !== 'ABOVE_CEILING';
  useKeyboard(self, () => { if (askPrice) choose('price'); else if (ready) put(); });

  return html`<div class="sheet pad" tabindex="-1" ref=${self}>
    <${Heading} title=${name} onBack=${act.closePad} backWord="Batal"><${Picture} good=${good} /></${Heading}>
    ${aside && html`<p class="apart" data-test="apart"><${Sign} name="cash" /><span>${CASH_APART}</span></p>`}
    <${Limit} good=${good} unit=${unit} judgement=${judgement} />
    ${good.units.length > 1 && !pack && html`<div class="chips units" role="group" aria-label="Satuan">${unitsOf(good).map(({ code }) => html`
      <${Key} key=${code} test=${`unit-${code}`} look=${code === unit.code ? 'chip here' : 'chip'} aria-pressed=${code === unit.code}
        onTap=${() => chooseUnit(code)}>${unitName(code)}</${Key}>`)}</div>`}
    <div class="fields">
      <${Key} test="field-quantity" look=${field === 'quantity' ? 'field here' : 'field'} aria-pressed=${field === 'quantity'} onTap=${() => choose('quantity')}>
        <span>Banyaknya</span><strong>${text.quantity || '0'} ${unitName(unit.code)}</strong></${Key}>
      <${Key} test="field-price" look=${`field ${field === 'price' ? 'here' : ''} ${judgement.toLowerCase()}`} aria-pressed=${field === 'price'} onTap=${() => choose('price')}>
        <span>Harga per ${unitName(unit.code)}</span><strong data-test="typed-price">${text.price ? rupiah(unitPrice) : 'Rp'}</strong></${Key}>
    </div>
    <${Advice} good=${good} unit=${unit} judgement=${judgement} onUse=${(price) => setText((old) => ({ ...old, price: String(price) }))} onAsk=${complete && put} />
    ${field === 'quantity' && html`<div class="chips quick" role="group" aria-label="Banyaknya">${(unit.whole ? QUICK_QUANTITIES : QUICK_PARTS).map((each) => html`
      <${Key} key=${each} test=${`quick-${each}`} look="chip" onTap=${() => { setText((old) => ({ ...old, quantity: each })); fresh.current = true; }}>${PARTS[each] ?? each} ${unitName(unit.code)}</${Key}>`)}</div>`}
    <${Keypad} onPress=${pressed} corner=${field === 'price' ? '000' : unit.whole ? null : COMMA} />
    <div class="foot">${askPrice
    ? html`<${Key} key="next" test="to-price" look="primary" onTap=${() => choose('price')}>Isi harga</${Key}>`
    : html`<${Key} key="add" test="add-line" look="primary" disabled=${!ready} onTap=${put}>
        ${line ? 'Simpan' : 'Tambah'} ${rupiah(lineTotal(unitPrice, quantityMilli))}</${Key}>`}</div>
  </div>`;
}

/**
 * Enter goes on where no key has the focus.
 * @param {{current: any}} self @param {() => void} goOn
 */
function useKeyboard(self, goOn) {
  const next = useRef(goOn);
  next.current = goOn;
  useLayoutEffect(() => { // at once: a key that follows the drawing is meant for the pad
    self.current?.focus({ preventScroll: true });
    /** @param {KeyboardEvent} event */
    function typed(event) {
      if (event.key === 'Enter' && !event.ctrlKey && !/** @type {Element} */ (event.target).matches('button, input')) next.current();
    }
    window.addEventListener('keydown', typed);
    return () => window.removeEventListener('keydown', typed);
  }, []);
}

/** The lawful maximum; in red, with sign and word, when the typed price lies above it. @param {any} props */
function Limit({ good, unit, judgement }) {
  const highest = highestLawfulPrice(good, unit);
  const word = highest === null ? MARKET_PRICE : ceilingWord(good.ceiling.action, highest, unit.code);
  if (judgement !== 'ABOVE_CEILING') return html`<p class="limit-title" data-test="limit">${word}</p>`;
  return html`<p class="limit-title above_ceiling" data-test="limit" role="alert"><${Sign} name="cross" /><span>Terlalu tinggi. ${word}.</span></p>`;
}

/** What the ceiling says about the typed price, and the one tap that mends it. @param {any} props */
function Advice({ good, unit, judgement, onUse, onAsk }) {
  if (judgement === 'FINE') return null;
  const highest = highestLawfulPrice(good, unit);
  if (judgement === 'ABOVE_REFERENCE') {
    return html`<div class="notice watch" role="status"><${Sign} name="warn" /><div>Di atas harga acuan ${rupiah(highest)}. Boleh, tetapi dicatat.</div></div>`;
  }
  return html`<div class="over">
    <${Key} test="use-ceiling" look="fix" onTap=${() => onUse(highest)}><span>Pakai ${rupiah(highest)}</span></${Key}>
    <${Key} test="ask-engine" look="quiet" disabled=${!onAsk} onTap=${onAsk}>Tanyakan ke mesin</${Key}></div>`;
}
