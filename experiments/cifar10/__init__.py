"""Ten binary tasks on CIFAR-10, one for each class, after Javaloy & Valera 2021, section 6.2."""

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
