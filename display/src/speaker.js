// SPDX-License-Identifier: MIT
// Says a cue: two tones, or the browser's own voice. Nothing is fetched.

const TONES = { above: [660, 440], below: [440, 660], in: [523, 784] };

let audio = null;

function tone(frequency_hz, from_s)
{
    const [source, volume] = [audio.createOscillator(), audio.createGain()];
    source.frequency.value = frequency_hz;
    volume.gain.setValueAtTime(0, from_s);
    volume.gain.linearRampToValueAtTime(0.4, from_s + 0.03);
    volume.gain.linearRampToValueAtTime(0, from_s + 0.35);
    source.connect(volume).connect(audio.destination);
    source.start(from_s);
    source.stop(from_s + 0.4);
}

function sound(what)
{
    audio ??= new AudioContext();
    audio.resume();
    TONES[what].forEach((frequency_hz, i) => tone(frequency_hz, audio.currentTime + 0.05 + i * 0.4));
}

function speak(sentence, language)
{
    if (!window.speechSynthesis)
        return;
    const utterance = new SpeechSynthesisUtterance(sentence);
    utterance.lang = language;
    speechSynthesis.cancel();
    speechSynthesis.speak(utterance);
}

/** Says WHAT ('above', 'below' or 'in') in the way of CUE ('off', 'sound', 'speech' or 'both'). */
export function sayCue(cue, what, say, language)
{
    if (cue === 'sound' || cue === 'both')
        sound(what);
    if (cue === 'speech' || cue === 'both')
        speak(say(`speech_${what}`), language);
}
