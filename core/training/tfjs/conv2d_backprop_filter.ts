import * as tf from "@tensorflow/tfjs";

interface Attributes {
  readonly strides: [number, number] | number;
  readonly pad: "valid" | "same" | number | [[number, number], [number, number], [number, number], [number, number]];
  readonly dataFormat: "NHWC" | "NCHW";
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
  readonly filterShape: [number, number, number, number];
}

interface Backend {
  disposeData(dataId: object): unknown;
}

/**
 * The gradient of a convolution's filter on the wasm backend, which tfjs 4.22 lacks.
 *
 * dW[a, b, c, f] = Σ over n, y, x of X[n, y s + a − p, x s + b − p, c] dY[n, y, x, f]: a convolution in which channels are the
 * batch, the batch is the channels, dY is the filter and the stride s its dilation. X is transposed to [c, h, w, n], dY to
 * [y, x, n, f], the result [c, a, b, f] back to [a, b, c, f]; rows and columns that no window reached are cut off.
 */
export function registerConv2dBackpropFilter(): void {
  const backendName = "wasm";
  if (tf.getKernel(tf.Conv2DBackpropFilter, backendName) !== undefined) return;
  tf.registerKernel({ kernelName: tf.Conv2DBackpropFilter, backendName, kernelFunc: conv2dBackpropFilter });
}

const conv2dBackpropFilter: tf.KernelFunc = ({ inputs, attrs, backend }) => {
  const { x, dy } = inputs as { x: tf.TensorInfo; dy: tf.TensorInfo };
  const { strides, pad, dataFormat, dimRoundingMode, filterShape } = attrs as unknown as Attributes;
  if (dataFormat !== "NHWC") {
    throw new RangeError(`Cannot take a filter's gradient as the data must be NHWC: it is ${dataFormat}`);
  }
  const { padInfo, strideHeight, strideWidth } = tf.backend_util.computeConv2DInfo(
    x.shape as [number, number, number, number],
    filterShape,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  const call = (kernelName: string, inputs: tf.NamedTensorInfoMap, attrs: object) =>
    tf.getKernel(kernelName, "wasm").kernelFunc({
      inputs,
      attrs: attrs as tf.NamedAttrMap,
      backend,
    }) as tf.TensorInfo;
  const free = (info: tf.TensorInfo) => (backend as Backend).disposeData(info.dataId);

  const images = call(tf.Transpose, { x }, { perm: [3, 1, 2, 0] });
  const filter = call(tf.Transpose, { x: dy }, { perm: [1, 2, 0, 3] });
  const whole = call(tf.Conv2D, { x: images, filter }, {
    strides: [1, 1],
    dilations: [strideHeight, strideWidth],
    pad: [[0, 0], [padInfo.top, padInfo.bottom], [padInfo.left, padInfo.right], [0, 0]],
    dataFormat,
  });
  free(images);
  free(filter);
  const [height, width, channels, filters] = filterShape;
  const cut = call(tf.Slice, { x: whole }, { begin: [0, 0, 0, 0], size: [channels, height, width, filters] });
  free(whole);
  const gradient = call(tf.Transpose, { x: cut }, { perm: [1, 2, 0, 3] });
  free(cut);
  return gradient;
};
