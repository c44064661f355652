"""Records runs of PyTorch, Keras or anything with arrays for Infoplane: copy this file beside your training script.

Needs numpy and safetensors. The format is core/schemas/run-recording.v1.json of Infoplane.
"""
import hashlib
import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file


class Recorder:
    """Writes snapshots of runs into a folder, and close() the manifest that makes it a recording.

    layers: by name, from the input up, what their units do: tanh, relu, leaky-relu, sigmoid, softplus, linear, softmax or unknown.
      For weights the names are those of the linear modules, and the last is softmax also where the loss applies it. For activations
      they are those of the modules whose output is wanted; of one called softmax, which is not nn.Softmax itself, the softmax.
    source: who made this and how, a sentence that pages show.
    records: "weights" of a net of dense layers, or "activations" of any net.
    layout: axes of weights: "out-in" is PyTorch's, "in-out" is Keras's.
    """

    def __init__(self, folder, layers, source, records="weights", layout="out-in"):
        self.folder = Path(folder)
        self.layers = dict(layers)
        self.units = {}
        self.sha256 = {}
        self.manifest = {"format": "infoplane.run-recording/1", "source": source, "records": records, "runs": []}
        if records == "weights":
            self.manifest["layout"] = layout

    def data(self, inputs, labels, **files):
        """What the net sees, row by row, and its classes; train=, test= row numbers; pyx= exact p(y|x), px= exact p(x)."""
        self.inputs = inputs
        arrays = {"inputs": inputs, "labels": labels, **files}
        self.manifest["dataset"] = {name: f"data/{name}.npy" for name in arrays}
        for name, values in arrays.items():
            self._write(f"data/{name}.npy", lambda path: np.save(path, _array(values)))

    def run(self):
        """Starts the next run: each is a replicate, and all have the same layers."""
        run = len(self.manifest["runs"])
        self.manifest["runs"].append({"epochs": [], "files": f"run{run}/epoch_{{epoch}}.safetensors"})

    def snapshot(self, epoch, net, **metrics):
        """Keeps the net after so many epochs, 0 before the first.

        net: a torch.nn.Module; or arrays by name: <layer>.weight and <layer>.bias, or <layer> for activations [rows, units].
        metrics: trainLossNats=, testLossNats=, trainAccuracy=, testAccuracy=.
        """
        if not self.manifest["runs"]:
            self.run()
        run = self.manifest["runs"][-1]
        if hasattr(net, "state_dict"):
            net = self._weights(net) if self.manifest["records"] == "weights" else self._activations(net)
        tensors = {name: _array(values) for name, values in net.items()}
        for layer in self.layers:
            key = f"{layer}.bias" if self.manifest["records"] == "weights" else layer
            self.units[layer] = int(tensors[key].shape[-1])
        if any(values.dtype == np.float64 for values in tensors.values()):
            self.manifest["precision"] = "float64"
        self._write(run["files"].replace("{epoch}", str(epoch)), lambda path: save_file(tensors, path))
        run["epochs"].append(epoch)
        for name, value in metrics.items():
            run.setdefault(name, []).append(float(value))

    def close(self):
        """Writes the manifest."""
        layers = [{"name": name, "units": self.units[name], "activation": does} for name, does in self.layers.items()]
        text = json.dumps({**self.manifest, "layers": layers, "sha256": self.sha256}, indent=1)
        (self.folder / "infoplane-run.json").write_text(text + "\n")

    def _weights(self, module):
        state = module.state_dict()
        tensors = {}
        for layer in self.layers:
            weight = state[f"{layer}.weight"]
            tensors[f"{layer}.weight"] = weight
            tensors[f"{layer}.bias"] = state.get(f"{layer}.bias", weight.new_zeros(len(weight)))
        return tensors

    def _activations(self, module):
        import torch

        outputs = {}

        def keep(name):
            def hook(of, _, output):
                if self.layers[name] == "softmax" and not isinstance(of, torch.nn.Softmax):
                    output = output.softmax(dim=1)
                outputs[name] = output.flatten(start_dim=1)

            return hook

        hooks = [module.get_submodule(name).register_forward_hook(keep(name)) for name in self.layers]
        training = module.training
        try:
            with torch.no_grad():
                module.eval()(torch.as_tensor(self.inputs, device=next(module.parameters()).device))
        finally:
            module.train(training)
            for hook in hooks:
                hook.remove()
        return outputs

    def _write(self, name, save):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        save(path)
        self.sha256[name] = hashlib.sha256(path.read_bytes()).hexdigest()


def _array(values):
    """A contiguous array, of a torch tensor on any device too; 16-bit floats that NumPy lacks become 32-bit ones."""
    if hasattr(values, "detach"):
        values = values.detach().cpu()
        values = (values.float() if str(values.dtype) == "torch.bfloat16" else values).numpy()
    return np.ascontiguousarray(values)
