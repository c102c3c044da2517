"""Small trees of synthetic images for the tests of their writers."""

from wbcray.data.layouts.load import load_layout
from wbcray.data.synthetic.trees.write import TreeRecipe


def recipe_of(name, *, images=1, floor=2, seed=0, **others):
    """Few and tiny images of a published data set: 16 px or a little more."""
    layout = load_layout(name)
    formats = [layout.files_of(part) for part in layout.parts]
    shrink = min(min(files.width, files.height) for files in formats) // 16
    options = {"shrink": shrink, **others}
    return TreeRecipe(layout=layout, images=images, floor=floor, seed=seed, **options)
