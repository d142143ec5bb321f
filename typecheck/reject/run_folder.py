"""Where a run is kept, told in the wrong words."""

from artifact_torch import RunFolder, new_run

RunFolder()  # E[pyright=reportCallIssue: "path", mypy=call-arg: "path"]
RunFolder(None)  # E[pyright=reportArgumentType: "None", mypy=arg-type: "None"]
RunFolder("runs/vae", "svg")  # E[pyright=reportCallIssue: positional, mypy=call-arg: Too many positional]
RunFolder("runs/vae", plots="jpg")  # E[pyright=reportArgumentType: "jpg"|'jpg', mypy=arg-type: "plots"]
RunFolder("runs/vae", dpi=0.5)  # E[pyright=reportArgumentType: "float", mypy=arg-type: "dpi"]
RunFolder("runs/vae", keep="all")  # E[pyright=reportArgumentType: "str"|all, mypy=arg-type: "keep"]
RunFolder("runs/vae").strict = True  # E[pyright=reportAttributeAccessIssue: "strict", mypy=misc: read-only]
new_run()  # E[pyright=reportCallIssue, mypy=call-arg]
new_run(3)  # E[pyright=reportArgumentType: "int"|3, mypy=arg-type: "int"]
