"""``python -m service.engine`` is the host process."""

from service.engine.host import main

if __name__ == "__main__":
    main()
