/**
 * Readers of what other programs write, for plugins that read files: NumPy's .npy and .npz, safetensors, and recorded runs. Whatever
 * a file claims, they take no more memory than a small multiple of its bytes, and refuse it in one line.
 *
 * A plugin may read its own folder, the data folders of its context (`--data`) and what the configuration allows it.
 *
 * @module
 */
export { EXIT, MissingData, Problem } from "./contracts/problem.ts";
export { type NpyArray, type NpyData, readNpy } from "./store/npy.ts";
export { readNpz } from "./store/npz.ts";
export { type FileArray, openRecording, type RunRecording } from "./store/recording.ts";
export type { RecordedLayer, RecordedRun, RecordingManifest } from "./store/recording_schema.ts";
export { readSafetensors, type Safetensor, type SafetensorData, type SafetensorsContent } from "./store/safetensors.ts";
