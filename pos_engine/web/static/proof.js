// Checks the proof in this page by itself: no network, no library. What is shown is what was hashed.
(() => {
  const found = JSON.parse(document.getElementById('found').textContent);
  const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const raw = (text) => {
    if (!/^([0-9a-f]{2})*$/.test(text)) throw new Error('hex');
    return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
  };
  const joined = (...parts) => Uint8Array.from(parts.flatMap((part) => [...part]));
  const sha = async (...parts) =>
    new Uint8Array(await crypto.subtle.digest('SHA-256', joined(...parts)));
  const leafOf = (text) => sha([0], new TextEncoder().encode(text));
  const climb = async (leaf, path) => {
    let root = leaf;
    for (const [side, neighbour] of path) {
      if (side !== 'L' && side !== 'R') throw new Error('side');
      root = side === 'L' ? await sha([1], raw(neighbour), root) : await sha([1], root, raw(neighbour));
    }
    return hex(root);
  };
  const split = (text, name, length) => {
    const parts = text.split('*');
    if (parts[0] !== name || parts.length !== length) throw new Error(name);
    return parts;
  };
  const holds = async (proof) => {
    const seal = split(proof.seal, 'EWS1', 8);
    const day = split(proof.day, 'EWD1', 6);
    let leaf = raw(proof.leaf);
    if (proof.receipt !== null) {
      split(proof.receipt, 'EW1', 6);
      if (hex(await leafOf(proof.receipt)) !== proof.leaf) return false;
    }
    if ((await climb(leaf, proof.path)) !== seal[4]) return false;
    return (await climb(await leafOf(proof.seal), proof.seal_path)) === day[3];
  };

  const rows = (pairs) => {
    const list = document.createElement('dl');
    for (const [name, value] of pairs) {
      const term = document.createElement('dt');
      const text = document.createElement('dd');
      term.textContent = name;
      text.textContent = value;
      list.append(term, text);
    }
    document.getElementById('receipts').append(list);
  };
  const show = (proof) => {
    if (proof.receipt === null) return rows([['Segel', proof.leaf]]);
    const [, number, amount, at] = proof.receipt.split('*');
    const [year, month, day, hour, minute] = at.match(/../g);
    rows([
      ['Nomor struk', number],
      ['Jumlah', `Rp${Number(amount).toLocaleString('id-ID')}`],
      ['Waktu', `${day}-${month}-20${year} pukul ${hour}.${minute}`],
      ['Segel', proof.leaf],
    ]);
  };
  const say = (verdict, why, look) => {
    const title = document.getElementById('verdict');
    title.textContent = verdict;
    if (look) title.className = look;
    title.dataset.verdict = look || 'open';
    document.getElementById('why').textContent = why;
  };
  const missing = () =>
    say(
      'Struk ini tidak ada dalam catatan hari itu',
      'Simpan struk Anda dan tunjukkan kepada pendamping atau dinas sosial.',
      'bad',
    );

  const check = async () => {
    if (found.state === 'OPEN')
      return say('Hari itu belum ditutup', 'Catatan satu hari ditutup lewat tengah malam. Periksa lagi besok.');
    if (found.state !== 'RECORDED' || found.proofs.length === 0) return missing();
    if (!globalThis.crypto?.subtle)
      return say('Belum dapat diperiksa di sini', 'Simpan halaman ini, lalu buka dari berkasnya.');
    for (const proof of found.proofs) if (!(await holds(proof))) return missing();
    found.proofs.forEach(show);
    const [, day, , root] = found.proofs[0].day.split('*');
    document.getElementById('root').textContent =
      `Akar catatan ${day}: ${root}. Bandingkan dengan akar yang diumumkan untuk hari itu.`;
    say(
      'Struk ini tercatat',
      'Cocokkan nomor, jumlah dan waktu di bawah dengan struk Anda. Pemeriksaan ini dihitung di perangkat Anda sendiri.',
      'good',
    );
  };
  check().catch(missing);
})();
