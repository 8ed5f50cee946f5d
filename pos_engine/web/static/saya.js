// The rotating code and the camera. Everything else on the KPM's page works without a script.
const ROTATE_S = 50; // a code lives 60 s: who is scanned late still has ten seconds
const LOOK_EVERY_MS = 250;

/** Shows a fresh code before the old one ends, and whenever she looks at the page again. */
function rotate(picture, left) {
  let until = Date.now() + ROTATE_S * 1000;
  const fresh = () => {
    until = Date.now() + ROTATE_S * 1000;
    picture.src = `${picture.dataset.code}?${Date.now()}`;
  };
  picture.addEventListener("error", () => location.assign("/saya"));
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && Date.now() > until) fresh();
  });
  setInterval(() => {
    const seconds = Math.ceil((until - Date.now()) / 1000);
    if (seconds <= 0 && !document.hidden) fresh();
    else left.textContent = `Kode baru dalam ${Math.max(seconds, 0)} detik`;
  }, 1000);
}

/** Opens the camera and sends the first QR code it sees, as if it had been pasted. */
async function look(place, detector) {
  const video = place.querySelector("video");
  const form = document.querySelector("form.sheet");
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  video.srcObject = stream;
  video.hidden = false;
  await video.play();
  const timer = setInterval(async () => {
    const [found] = await detector.detect(video).catch(() => []);
    if (!found) return;
    clearInterval(timer);
    stream.getTracks().forEach((track) => track.stop());
    form.elements.kode.value = found.rawValue;
    form.submit();
  }, LOOK_EVERY_MS);
}

const picture = document.querySelector("[data-code]");
if (picture) rotate(picture, document.querySelector("[data-left]"));

const place = document.querySelector("[data-scan]");
if (place && "BarcodeDetector" in window && navigator.mediaDevices) {
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  place.hidden = false;
  place.querySelector("button").addEventListener("click", (event) => {
    look(place, detector).then(
      () => { event.target.hidden = true; },
      () => { place.hidden = true; }, // no camera: the text field is still there
    );
  });
}
