"""What the rule of SQL must catch."""

from sqlalchemy import select, text


def planted(tx, name, table):
    # ruleid: no-made-up-sql
    tx.execute(text(f"SELECT * FROM family WHERE name = '{name}'"))
    # ruleid: no-made-up-sql
    tx.execute(text("SELECT * FROM family WHERE name = '%s'" % name))
    # ruleid: no-made-up-sql
    tx.exec_driver_sql("SELECT * FROM family WHERE name = '{}'".format(name))
    # ruleid: no-made-up-sql
    tx.exec_driver_sql("SELECT * FROM family WHERE name = " + name)
    # ok: no-made-up-sql
    tx.execute(text("SELECT * FROM family WHERE name = :name"), {"name": name})
    # ok: no-made-up-sql
    tx.execute(select(table).where(table.c.name == name))
