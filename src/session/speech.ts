/**
 * Synthetic speech: 16-bit little-endian mono PCM at 24 kHz whose energy rises and falls like
 * syllables, so that a voice-activity detector working on real energy takes it for speech.
 */

const sampleRate = 24_000;

/**
 * @param ms - length; the same length always gives the same samples.
 * @returns little-endian PCM16 bytes.
 */
export function syntheticSpeech(ms: number): Uint8Array {
  const samples = Math.round((ms * sampleRate) / 1000);
  const bytes = new Uint8Array(samples * 2);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < samples; i++) {
    const t = i / sampleRate;
    // About four syllables a second on a voice of 140 Hz with two harmonics.
    const syllable = 0.35 + 0.65 * Math.abs(Math.sin(2 * Math.PI * 2 * t));
    const voice =
      0.6 * Math.sin(2 * Math.PI * 140 * t) +
      0.3 * Math.sin(2 * Math.PI * 280 * t) +
      0.1 * Math.sin(2 * Math.PI * 1120 * t);
    view.setInt16(i * 2, Math.round(9000 * syllable * voice), true);
  }
  return bytes;
}
