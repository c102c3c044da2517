"""`python -m wbcray` is `wbcray`."""

from wbcray.cli.main import main

if __name__ == "__main__":
    main()
