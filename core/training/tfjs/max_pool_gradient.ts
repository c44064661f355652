import * as tf from "@tensorflow/tfjs";

interface Attributes {
  readonly filterSize: [number, number] | number;
  readonly strides: [number, number] | number;
  readonly pad: "valid" | "same" | number;
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
}

interface Backend {
  makeOutput(shape: number[], dtype: string): tf.TensorInfo;
  typedArrayFromHeap(info: tf.TensorInfo): Float32Array;
}

/**
 * The gradient of a pool of largest values on the wasm backend, in place of tfjs 4.22's, which takes the largest value of a window to
 * be at least the smallest positive number and so loses the windows without a positive one.
 *
 * dX of a pixel is the sum of dY over the windows whose largest value it is; the first pixel wins a tie.
 */
export function registerMaxPoolGradient(): void {
  const [kernelName, backendName] = [tf.MaxPoolGrad, "wasm"];
  if (tf.getKernel(kernelName, backendName)?.kernelFunc === maxPoolGradient) return;
  tf.unregisterKernel(kernelName, backendName);
  tf.registerKernel({ kernelName, backendName, kernelFunc: maxPoolGradient });
}

const maxPoolGradient: tf.KernelFunc = ({ inputs, attrs, backend }) => {
  const { dy, input } = inputs as { dy: tf.TensorInfo; input: tf.TensorInfo };
  const { filterSize, strides, pad, dimRoundingMode } = attrs as unknown as Attributes;
  const shape = input.shape as [number, number, number, number];
  const pool = tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
  const wasm = backend as unknown as Backend;
  const gradient = wasm.makeOutput(shape, input.dtype);
  // Views of the memory after it has grown.
  const [x, dY, dX] = [input, dy, gradient].map((info) => wasm.typedArrayFromHeap(info));
  dX.fill(0);

  const [examples, height, width, channels] = shape;
  let at = 0;
  for (let n = 0; n < examples; n++) {
    for (let i = 0; i < pool.outHeight; i++) {
      const top = i * pool.strideHeight - pool.padInfo.top;
      const lastRow = Math.min(height, top + pool.filterHeight);
      for (let j = 0; j < pool.outWidth; j++) {
        const left = j * pool.strideWidth - pool.padInfo.left;
        const lastColumn = Math.min(width, left + pool.filterWidth);
        for (let c = 0; c < channels; c++) {
          let largest = -1;
          for (let row = Math.max(0, top); row < lastRow; row++) {
            for (let column = Math.max(0, left); column < lastColumn; column++) {
              const place = ((n * height + row) * width + column) * channels + c;
              if (largest < 0 || x[place] > x[largest]) largest = place;
            }
          }
          dX[largest] += dY[at++];
        }
      }
    }
  }
  return gradient;
};
